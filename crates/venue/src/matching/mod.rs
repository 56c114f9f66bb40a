//! A full matching engine for one instrument: many participants, one book.
//!
//! It is a venue by itself, with no recorded stream: what it is told is all that happens. Prices
//! are [`model::Ticks`], quantities [`model::Lots`]; it reads no clock and draws nothing, so the
//! same commands give the same events.
//!
//! - Allocation: price-time, pro-rata (TOP, floor, dropped small shares, the rest first in, first
//!   out), or TOP and lead market makers before first in, first out ([`Allocation`]). An aggressor
//!   that takes a whole level takes it first in, first out.
//! - The TOP order is the one that came alone to a new best price; it loses that with its place, or
//!   when another order betters it.
//! - Priority is lost when the quantity grows or the price changes, kept when it shrinks.
//! - An iceberg shows `display` lots; when they are gone the next slice comes to the back.
//! - Auctions: orders gather while the phase is [`MarketPhase::Auction`]; [`MatchingEngine::uncross`]
//!   trades them at the price of greatest volume ([`auction`]).
//!
//! ```
//! use tickforge_venue::matching::{MatchEvent, MatchingEngine, MatchingSettings, NewOrder, Participant};
//! use model::{Lots, Side, Ticks};
//!
//! let mut engine = MatchingEngine::new(MatchingSettings::new());
//! let mut events = Vec::new();
//! let (alice, bob) = (Participant(1), Participant(2));
//! engine.submit(&NewOrder::limit(1, alice, Side::Sell, Ticks(101), Lots(5)), &mut events);
//! engine.submit(&NewOrder::market(2, bob, Side::Buy, Lots(3)), &mut events);
//! assert!(matches!(events[2], MatchEvent::Traded { maker: 1, taker: 2, price: Ticks(101), .. }));
//! assert_eq!(engine.best(Side::Sell), Some((Ticks(101), Lots(2))));
//! ```

mod allocate;
pub mod auction;
mod settings;
mod take;
mod words;

pub use auction::Indication;
pub use settings::{Allocation, LeadMarketMaker, MatchingSettings, SelfTradePrevention};
pub use words::{CancelCause, MarketPhase, MatchEvent, NewOrder, Participant, Refusal, Validity};

use book::{BookError, BookL3, BookOrder, Level, MAX_TICKS, Slot};
use model::{Lots, Price, PriceGrid, Side, Ticks};

/// What the engine knows of an order beside the book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Owner {
    participant: Participant,
    /// What an iceberg hides, and how much it shows.
    hidden: u32,
    display: u32,
    validity: Validity,
    /// Never takes, at another price neither.
    post_only: bool,
}

/// An order at any price that waits for an auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AtAnyPrice {
    id: u64,
    participant: Participant,
    side: Side,
    leaves: u32,
    validity: Validity,
}

/// An order that executes.
#[derive(Clone, Copy, Debug)]
struct Taker {
    id: u64,
    participant: Participant,
    side: Side,
    limit: Option<Ticks>,
    leaves: u32,
}

/// The engine.
#[derive(Clone, Debug)]
pub struct MatchingEngine {
    settings: MatchingSettings,
    book: BookL3,
    /// By slot of the book.
    owners: Vec<Owner>,
    /// Sequence of the order of each side that bettered the market last.
    top: [u64; 2],
    /// Orders at any price that wait for an auction, by arrival.
    any_price: Vec<AtAnyPrice>,
    phase: MarketPhase,
    last: Option<Ticks>,
    shares: Vec<allocate::Share>,
    served: Vec<usize>,
}

impl MatchingEngine {
    /// An empty book in continuous trading.
    #[must_use]
    pub fn new(settings: MatchingSettings) -> Self {
        // The book counts in ticks; what a tick is worth is not the engine's matter.
        let grid = PriceGrid::new(Price(1)).unwrap_or_else(|_| unreachable!("1e-9 is a tick"));
        Self {
            settings,
            book: BookL3::new(grid),
            owners: Vec::new(),
            top: [0; 2],
            any_price: Vec::new(),
            phase: MarketPhase::Continuous,
            last: None,
            shares: Vec::new(),
            served: Vec::new(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &MatchingSettings {
        &self.settings
    }

    /// The phase.
    #[must_use]
    pub const fn phase(&self) -> MarketPhase {
        self.phase
    }

    /// The price of the last trade.
    #[must_use]
    pub const fn last_price(&self) -> Option<Ticks> {
        self.last
    }

    /// Best price and shown size of a side.
    #[must_use]
    pub fn best(&self, side: Side) -> Option<(Ticks, Lots)> {
        let bbo = self.book.bbo();
        let (price, size) = match side {
            Side::Buy => (bbo.bid, bbo.bid_size),
            Side::Sell => (bbo.ask, bbo.ask_size),
        };
        price.is_some().then_some((price, size))
    }

    /// The levels of a side as they are shown, best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> {
        self.book.levels(side)
    }

    /// The orders of a side in the order of their priority, as they are shown.
    pub fn orders(&self, side: Side) -> impl Iterator<Item = (BookOrder, Participant)> {
        self.book.orders(side).map(|order| {
            let owner = self.book.slot(order.id).map(|slot| self.owners[slot.index()]);
            (order, owner.unwrap_or_default().participant)
        })
    }

    /// What is left of an order, the hidden part included.
    #[must_use]
    pub fn leaves(&self, id: u64) -> Option<Lots> {
        if let Some(slot) = self.book.slot(id) {
            let shown = self.book.id_and_size(slot).1;
            return Some(Lots(i64::from(shown) + i64::from(self.owners[slot.index()].hidden)));
        }
        let waiting = self.any_price.iter().find(|order| order.id == id);
        waiting.map(|order| Lots(i64::from(order.leaves)))
    }

    fn is_known(&self, id: u64) -> bool {
        self.book.slot(id).is_some()
            || (!self.any_price.is_empty() && self.any_price.iter().any(|order| order.id == id))
    }

    /// Whether orders match as they come.
    const fn matches(&self) -> bool {
        matches!(self.phase, MarketPhase::Continuous)
    }

    /// Whether the phase takes new orders and changes.
    const fn takes_orders(&self) -> bool {
        match self.phase {
            MarketPhase::Continuous | MarketPhase::Auction => true,
            MarketPhase::Halted => self.settings.halt_takes_orders(),
            MarketPhase::Closed => false,
        }
    }

    fn refusal(&self, order: &NewOrder) -> Option<Refusal> {
        let quantity = u32::try_from(order.quantity.0).ok().filter(|&lots| lots > 0);
        let Some(quantity) = quantity else { return Some(Refusal::Quantity) };
        if order.limit.is_some_and(|price| price.0.unsigned_abs() > MAX_TICKS.unsigned_abs()) {
            return Some(Refusal::Price);
        }
        if !self.takes_orders() {
            return Some(Refusal::Phase);
        }
        let at_once = matches!(order.validity, Validity::Ioc | Validity::Fok);
        if (at_once && !self.matches())
            || (order.validity == Validity::Auction && self.phase != MarketPhase::Auction)
            || (order.limit.is_none() && self.phase == MarketPhase::Halted)
        {
            return Some(Refusal::Phase);
        }
        let iceberg = !order.display.is_zero();
        if (order.limit.is_none() && (order.post_only || iceberg))
            || (order.post_only && at_once)
            || order.display.0 < 0
            || order.display.0 > i64::from(quantity)
        {
            return Some(Refusal::Terms);
        }
        None
    }

    /// A new order.
    #[inline]
    pub fn submit(&mut self, order: &NewOrder, events: &mut Vec<MatchEvent>) {
        let id = order.id;
        if let Some(why) = self.refusal(order) {
            events.push(MatchEvent::Rejected { id, why });
            return;
        }
        let mut taker = Taker {
            id,
            participant: order.participant,
            side: order.side,
            limit: order.limit,
            leaves: order.quantity.0 as u32,
        };
        let crosses = self.matches() && self.crosses(&taker);
        // An order that rests without trading is looked up once, where it enters the book.
        if (crosses || order.limit.is_none() || !self.any_price.is_empty()) && self.is_known(id) {
            events.push(MatchEvent::Rejected { id, why: Refusal::DuplicateOrder });
            return;
        }
        if crosses && order.post_only {
            events.push(MatchEvent::Rejected { id, why: Refusal::WouldTrade });
            return;
        }
        if !crosses && let Some(price) = order.limit {
            let rests = !matches!(order.validity, Validity::Ioc | Validity::Fok);
            if rests {
                self.rest(order, price, taker.leaves, true, events);
                return;
            }
            if self.is_known(id) {
                events.push(MatchEvent::Rejected { id, why: Refusal::DuplicateOrder });
                return;
            }
        }
        events.push(MatchEvent::Accepted { id });
        if self.matches() {
            let whole = order.validity != Validity::Fok || self.can_fill(&taker);
            if crosses && whole {
                self.take(&mut taker, events);
            }
            if taker.leaves == 0 {
                return;
            }
        }
        match order.limit {
            Some(price) if !matches!(order.validity, Validity::Ioc | Validity::Fok) => {
                // What is left of an aggressor that was cancelled by its own kind is zero.
                self.rest(order, price, taker.leaves, false, events);
            }
            None if self.phase == MarketPhase::Auction => self.any_price.push(AtAnyPrice {
                id,
                participant: order.participant,
                side: order.side,
                leaves: taker.leaves,
                validity: order.validity,
            }),
            _ => self.canceled(id, taker.leaves, CancelCause::NoLiquidity, events),
        }
    }

    /// Whether the other side's best price is acceptable.
    #[inline(always)]
    fn crosses(&self, taker: &Taker) -> bool {
        let front = self.book.front(taker.side.opposite());
        front.is_some_and(|(price, _)| {
            taker.limit.is_none_or(|limit| taker.side.accepts(limit, price))
        })
    }

    /// Puts an order, or what is left of it, at the back of its level.
    #[inline(always)]
    fn rest(
        &mut self,
        order: &NewOrder,
        price: Ticks,
        leaves: u32,
        is_new: bool,
        events: &mut Vec<MatchEvent>,
    ) {
        let display = order.display.0 as u32;
        let shown = if display == 0 { leaves } else { leaves.min(display) };
        let best = self.book.front(order.side);
        let betters = best.is_none_or(|(best, _)| order.side.is_better(price, best));
        let sequence = self.book.next_sequence();
        match self.book.insert(order.id, order.side, price, shown) {
            Ok(slot) => {
                if is_new {
                    events.push(MatchEvent::Accepted { id: order.id });
                }
                let owner = Owner {
                    participant: order.participant,
                    hidden: leaves - shown,
                    display,
                    validity: order.validity,
                    post_only: order.post_only,
                };
                self.own(slot, owner);
                if betters {
                    self.top[order.side as usize] = sequence;
                }
            }
            Err(error) => {
                let why = match error {
                    BookError::DuplicateOrder { .. } => Refusal::DuplicateOrder,
                    BookError::PriceOutOfRange { .. } => Refusal::Price,
                    BookError::Full { .. } => Refusal::Full,
                    _ => Refusal::Quantity,
                };
                if is_new {
                    events.push(MatchEvent::Rejected { id: order.id, why });
                } else {
                    self.canceled(order.id, leaves, CancelCause::NoLiquidity, events);
                }
            }
        }
    }

    #[inline(always)]
    fn own(&mut self, slot: Slot, owner: Owner) {
        let at = slot.index();
        if at >= self.owners.len() {
            self.owners.resize((at + 1).next_power_of_two(), Owner::default());
        }
        self.owners[at] = owner;
    }

    fn canceled(&self, id: u64, quantity: u32, cause: CancelCause, events: &mut Vec<MatchEvent>) {
        let quantity = Lots(i64::from(quantity));
        events.push(MatchEvent::Canceled { id, quantity, leaves: Lots::ZERO, cause });
    }

    /// A cancel by the order's participant.
    #[inline]
    pub fn cancel(&mut self, participant: Participant, id: u64, events: &mut Vec<MatchEvent>) {
        let Some(slot) = self.book.slot(id) else {
            return self.cancel_at_any_price(participant, id, events);
        };
        let owner = self.owners[slot.index()];
        if owner.participant != participant {
            events.push(MatchEvent::Rejected { id, why: Refusal::NotOwner });
            return;
        }
        let leaves = self.book.id_and_size(slot).1 + owner.hidden;
        self.book.remove_slot(slot);
        self.canceled(id, leaves, CancelCause::Requested, events);
    }

    #[cold]
    fn cancel_at_any_price(
        &mut self,
        participant: Participant,
        id: u64,
        events: &mut Vec<MatchEvent>,
    ) {
        let why = match self.any_price.iter().position(|order| order.id == id) {
            Some(at) if self.any_price[at].participant == participant => {
                let order = self.any_price.remove(at);
                return self.canceled(id, order.leaves, CancelCause::Requested, events);
            }
            Some(_) => Refusal::NotOwner,
            None => Refusal::UnknownOrder,
        };
        events.push(MatchEvent::Rejected { id, why });
    }

    /// A change of an order that rests, by its participant: `quantity` is what it is for from now
    /// on (without what was filled), the hidden part included. It keeps its place unless the
    /// quantity grows or the price changes; at another price it may trade, unless it is post-only:
    /// then a change that would trade is refused and the order stays as it is.
    pub fn modify(
        &mut self,
        participant: Participant,
        id: u64,
        quantity: Lots,
        price: Ticks,
        events: &mut Vec<MatchEvent>,
    ) {
        let rejected = |why| MatchEvent::Rejected { id, why };
        let Some(slot) = self.book.slot(id) else {
            return events.push(rejected(Refusal::UnknownOrder));
        };
        let owner = self.owners[slot.index()];
        let Some(total) = u32::try_from(quantity.0).ok().filter(|&lots| lots > 0) else {
            return events.push(rejected(Refusal::Quantity));
        };
        if owner.participant != participant {
            return events.push(rejected(Refusal::NotOwner));
        }
        if price.0.unsigned_abs() > MAX_TICKS.unsigned_abs() {
            return events.push(rejected(Refusal::Price));
        }
        if !self.takes_orders() {
            return events.push(rejected(Refusal::Phase));
        }
        let order = self.book.order_at(slot);
        let shown = order.quantity.0 as u32;
        let leaves = Lots(i64::from(total));
        if price == order.price && total <= shown + owner.hidden {
            // What is hidden goes first.
            let less = shown + owner.hidden - total;
            let from_hidden = less.min(owner.hidden);
            self.owners[slot.index()].hidden -= from_hidden;
            if less > from_hidden {
                self.book.take(slot, less - from_hidden);
            }
            events.push(MatchEvent::Modified { id, leaves, price, kept_priority: true });
            return;
        }
        let limit = Some(price);
        let mut taker = Taker { id, participant, side: order.side, limit, leaves: total };
        let crosses = self.matches() && self.crosses(&taker);
        if crosses && owner.post_only {
            return events.push(rejected(Refusal::WouldTrade));
        }
        self.book.remove_slot(slot);
        events.push(MatchEvent::Modified { id, leaves, price, kept_priority: false });
        let anew = NewOrder {
            id,
            participant,
            side: order.side,
            limit: Some(price),
            quantity: leaves,
            validity: owner.validity,
            post_only: owner.post_only,
            display: Lots(i64::from(owner.display)),
        };
        if crosses {
            self.take(&mut taker, events);
        }
        if taker.leaves > 0 {
            self.rest(&anew, price, taker.leaves, false, events);
        }
    }

    /// Cancels every order of a participant: bids, then asks, by priority, then those that wait
    /// for an auction.
    pub fn mass_cancel(&mut self, participant: Participant, events: &mut Vec<MatchEvent>) {
        self.cancel_where(CancelCause::Requested, events, |owner| owner.participant == participant);
        for order in self.any_price.extract_if(.., |order| order.participant == participant) {
            let quantity = Lots(i64::from(order.leaves));
            let (leaves, cause) = (Lots::ZERO, CancelCause::Requested);
            events.push(MatchEvent::Canceled { id: order.id, quantity, leaves, cause });
        }
    }

    /// Moves to another phase. To continuous trading the way leads through [`Self::uncross`], so
    /// that what gathered meanwhile is not left crossed. At the close, day orders end.
    pub fn set_phase(&mut self, phase: MarketPhase, events: &mut Vec<MatchEvent>) {
        if phase == MarketPhase::Continuous && self.phase != phase {
            self.uncross(None, events);
            return;
        }
        self.phase = phase;
        if phase == MarketPhase::Closed {
            self.cancel_where(CancelCause::Expired, events, |owner| {
                owner.validity == Validity::Day
            });
        }
    }

    fn cancel_where(
        &mut self,
        cause: CancelCause,
        events: &mut Vec<MatchEvent>,
        which: impl Fn(&Owner) -> bool,
    ) {
        for side in [Side::Buy, Side::Sell] {
            let ids: Vec<u64> = self.book.orders(side).map(|order| order.id).collect();
            for id in ids {
                let Some(slot) = self.book.slot(id) else { continue };
                let owner = self.owners[slot.index()];
                if which(&owner) {
                    let leaves = self.book.id_and_size(slot).1 + owner.hidden;
                    self.book.remove_slot(slot);
                    self.canceled(id, leaves, cause, events);
                }
            }
        }
    }
}
