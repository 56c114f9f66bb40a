//! The way through a bar: what happens first inside it.
//!
//! At the open: market orders by arrival, limit orders that it has gapped through, stops that it
//! has gapped through. After that
//!
//! - on a *path* ([`BarPath::Ohlc`], [`BarPath::Adaptive`]) the bar is walked price by price, and
//!   whoever is reached first executes first;
//! - *pessimistic* ([`BarPath::Pessimistic`], the default), every stop that lies in the bar goes
//!   off before any limit order or if-touched order fills, the nearest to the open first. An order
//!   that becomes active inside the bar expects the worst of it: as a stop it still sees all of the
//!   bar, as a limit or if-touched order only the close.
//!
//! A trailing stop meets the bar as the bar before has left it (the adverse extreme comes first);
//! at the end of the bar it follows the favourable extreme, and the close may then reach it.

use super::BarMarket;
use super::orders::{Leg, Reached};
use crate::conditional::{Conditional, Place};
use crate::error::VenueError;
use crate::market::Market;
use crate::settings::BarPath;
use model::{Bar, OrderId, Price, Side, TriggerKind};

/// Which orders take part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    /// All.
    All,
    /// Those that were active before the bar.
    Before,
    /// Those that became active inside it.
    Born,
}

impl Whose {
    const fn born(self) -> Option<bool> {
        match self {
            Self::All => None,
            Self::Before => Some(false),
            Self::Born => Some(true),
        }
    }
}

/// Which orders a leg meets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Meets {
    stops: bool,
    /// Limit and if-touched orders.
    limits: bool,
    whose: Whose,
}

/// A bar meets the orders of a bar market; what waits beside it is in `conditional`.
///
/// # Errors
/// What a fill may give.
pub(crate) fn walk(
    conditional: Option<&mut Conditional>,
    place: &mut Place<'_>,
    bar: &Bar,
) -> Result<(), VenueError> {
    let Market::Bar(market) = &mut *place.market else { return Ok(()) };
    if !market.begin(bar) {
        return Ok(());
    }
    let waits = conditional.as_ref().is_some_and(|conditional| conditional.waiting() > 0);
    if !market.blotter.is_trading() || (market.blotter.own.is_empty() && !waits) {
        market.pass(bar);
        return Ok(());
    }
    let path = market.blotter.desk.settings.bar_path();
    let mut walk = Walk { conditional, bar: *bar };
    walk.open(place)?;
    match path {
        BarPath::Pessimistic => walk.expect_the_worst(place)?,
        BarPath::Ohlc => walk.follow([bar.high, bar.low], place)?,
        BarPath::Adaptive => {
            // The extreme that is nearer to the open comes first.
            let near_low = bar.open.0.abs_diff(bar.low.0) < bar.open.0.abs_diff(bar.high.0);
            let turns = if near_low { [bar.low, bar.high] } else { [bar.high, bar.low] };
            walk.follow(turns, place)?;
        }
    }
    walk.close(place)?;
    bar_market(place)?.finish(bar);
    Ok(())
}

/// The bar market that is being walked through.
fn bar_market<'a>(place: &'a mut Place<'_>) -> Result<&'a mut BarMarket, VenueError> {
    match &mut *place.market {
        Market::Bar(market) => Ok(market),
        _ => Err(VenueError::WrongData {
            market: "other",
            found: "a walk through a bar",
            accepted: "bar markets",
        }),
    }
}

struct Walk<'a> {
    conditional: Option<&'a mut Conditional>,
    bar: Bar,
}

impl Walk<'_> {
    fn react(&mut self, place: &mut Place<'_>, first: usize) -> Result<(), VenueError> {
        match &mut self.conditional {
            Some(conditional) => conditional.react(place, first),
            None => Ok(()),
        }
    }

    /// What executes at the open.
    fn open(&mut self, place: &mut Place<'_>) -> Result<(), VenueError> {
        let bar = self.bar;
        let first = place.out.len();
        place.at = bar.open_time;
        if let Market::Bar(market) = &mut *place.market {
            market.stand_at(bar.open, bar.open_time);
            market.opening(&bar, place.sizer, place.out)?;
            market.market_orders(&bar, place.sizer, place.out)?;
        }
        self.react(place, first)?;
        for side in [Side::Buy, Side::Sell] {
            let first = place.out.len();
            if let Market::Bar(market) = &mut *place.market {
                market.gapped_orders(side, &bar, place.out)?;
            }
            self.react(place, first)?;
        }
        let Some(conditional) = &mut self.conditional else { return Ok(()) };
        conditional.stand_at(bar.open);
        let mut seen = 0;
        while let Some((arrival, at)) = conditional.gapped(&bar, seen, place) {
            seen = arrival;
            let held_since = conditional.arrived(at);
            let moment = bar.open_time.max(held_since);
            place.at = moment;
            bar_market(place)?.stand_at(bar.open, moment);
            let first = place.out.len();
            conditional.enter(at, place)?;
            conditional.react(place, first)?;
        }
        place.at = bar.close_time;
        Ok(())
    }

    /// Stops first, then limits; what became active meanwhile sees the worst that is left.
    fn expect_the_worst(&mut self, place: &mut Place<'_>) -> Result<(), VenueError> {
        let bar = self.bar;
        let all = Leg { from: bar.open, low: bar.low, high: bar.high };
        let (stops, limits) = (true, false);
        self.leg(all, Meets { stops, limits, whose: Whose::Before }, place)?;
        let (stops, limits) = (false, true);
        self.leg(all, Meets { stops, limits, whose: Whose::Before }, place)?;
        let (stops, limits) = (true, false);
        self.leg(all, Meets { stops, limits, whose: Whose::Born }, place)?;
        let close = Leg::between(bar.close, bar.close);
        let (stops, limits) = (false, true);
        self.leg(close, Meets { stops, limits, whose: Whose::Born }, place)
    }

    /// Price by price, over two turns to the close.
    fn follow(&mut self, turns: [Price; 2], place: &mut Place<'_>) -> Result<(), VenueError> {
        let bar = self.bar;
        let meets = Meets { stops: true, limits: true, whose: Whose::All };
        let mut from = bar.open;
        for to in [turns[0], turns[1], bar.close] {
            self.leg(Leg::between(from, to), meets, place)?;
            from = to;
        }
        Ok(())
    }

    /// Everybody whom a leg reaches, the nearest first. On a path the leg goes on from there.
    fn leg(&mut self, mut leg: Leg, meets: Meets, place: &mut Place<'_>) -> Result<(), VenueError> {
        let bar = self.bar;
        let mut seen: Vec<OrderId> = Vec::new();
        loop {
            let resting = match &*place.market {
                Market::Bar(market) if meets.limits => {
                    market.nearest(&leg, &bar, meets.whose.born(), &seen)
                }
                _ => None,
            };
            let waiting = self.waiting(&leg, meets, place, &seen);
            let (Reached { distance, id, .. }, rests) = match (resting, waiting) {
                (None, None) => return Ok(()),
                (Some(resting), None) => (resting, true),
                (None, Some(waiting)) => (waiting, false),
                // At one price what waits goes first: it is a stop, or was touched as well.
                (Some(resting), Some(waiting)) if resting.distance < waiting.distance => {
                    (resting, true)
                }
                (Some(_), Some(waiting)) => (waiting, false),
            };
            seen.push(id);
            let step = i64::try_from(distance).unwrap_or(i64::MAX);
            let up = leg.high > leg.from && leg.low >= leg.from;
            let down = leg.low < leg.from && leg.high <= leg.from;
            let here = match (up, down) {
                (true, false) => Price(leg.from.0.saturating_add(step)),
                (false, true) => Price(leg.from.0.saturating_sub(step)),
                _ => self.price_of(id, leg.from, place),
            };
            let first = place.out.len();
            place.at = bar.close_time;
            bar_market(place)?.stand_at(here, bar.close_time);
            if let Some(conditional) = &mut self.conditional {
                conditional.stand_at(here);
            }
            if rests {
                let Market::Bar(market) = &mut *place.market else { return Ok(()) };
                market.fill_reached(id, &leg, &bar, place.out)?;
            } else if let Some(conditional) = &mut self.conditional {
                conditional.enter_order(id, place)?;
            }
            self.react(place, first)?;
            if meets.whose == Whose::All {
                // The rest of the way; what became active is met on it.
                let to = if up { leg.high } else { leg.low };
                if up || down {
                    leg = Leg::between(here, to);
                }
            }
        }
    }

    fn waiting(
        &self,
        leg: &Leg,
        meets: Meets,
        place: &Place<'_>,
        seen: &[OrderId],
    ) -> Option<Reached> {
        let conditional = self.conditional.as_ref()?;
        let Market::Bar(market) = &*place.market else { return None };
        let kinds = |kind: TriggerKind| match kind {
            TriggerKind::Stop => meets.stops,
            TriggerKind::IfTouched => meets.limits,
        };
        conditional.nearest(leg, &self.bar, &kinds, |id| {
            meets.whose.born().is_none_or(|born| born == market.is_born(id)) && !seen.contains(&id)
        })
    }

    /// The price at which a waiting order goes off, where a leg has no direction.
    fn price_of(&self, id: OrderId, otherwise: Price, place: &Place<'_>) -> Price {
        let waits = self.conditional.as_ref().and_then(|conditional| conditional.stop_of(id));
        waits.unwrap_or_else(|| {
            let grid = match &*place.market {
                Market::Bar(market) => market.blotter.desk.instrument.grid,
                _ => return otherwise,
            };
            place
                .market
                .own_order(id)
                .and_then(|own| own.limit)
                .map_or(otherwise, |limit| grid.price(limit))
        })
    }

    /// Orders at the close execute; trailing stops follow the bar, and may meet its close.
    fn close(&mut self, place: &mut Place<'_>) -> Result<(), VenueError> {
        let bar = self.bar;
        place.at = bar.close_time;
        if let Market::Bar(market) = &mut *place.market
            && market.has_timed_orders()
        {
            let first = place.out.len();
            market.stand_at(bar.close, bar.close_time);
            market.closing(&bar, place.sizer, place.out)?;
            self.react(place, first)?;
        }
        let Some(conditional) = &mut self.conditional else { return Ok(()) };
        let mut seen = 0;
        while let Some((arrival, at, stop)) = conditional.trailing(&bar, seen, place)? {
            seen = arrival;
            bar_market(place)?.stand_at(stop, bar.close_time);
            let first = place.out.len();
            conditional.enter(at, place)?;
            conditional.react(place, first)?;
        }
        conditional.stand_at(bar.close);
        conditional.end_bar();
        Ok(())
    }
}
