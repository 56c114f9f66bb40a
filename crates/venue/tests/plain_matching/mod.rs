//! A second matching engine, deliberately simple: one list of orders, sorted anew whenever it is
//! looked at. It shares nothing with the first but the words of commands and events.

use model::{Lots, Side, Ticks};
use tickforge_venue::matching::{
    CancelCause, MarketPhase, MatchEvent, NewOrder, Participant, Refusal, SelfTradePrevention,
    Validity,
};

/// Who gets how much.
#[derive(Clone, Debug)]
pub enum Rule {
    Time,
    ProRata { top: bool, least: i64 },
    Makers { top: bool, makers: Vec<(Participant, i64)> },
}

#[derive(Clone, Debug)]
struct Resting {
    id: u64,
    who: Participant,
    side: Side,
    /// None: at any price, which only an auction knows.
    price: Option<i64>,
    shown: i64,
    hidden: i64,
    display: i64,
    place: u64,
    validity: Validity,
    post_only: bool,
}

impl Resting {
    fn leaves(&self) -> i64 {
        self.shown + self.hidden
    }
}

pub struct Plain {
    pub rule: Rule,
    pub prevention: SelfTradePrevention,
    pub halt_takes: bool,
    pub phase: MarketPhase,
    orders: Vec<Resting>,
    places: u64,
    last: Option<i64>,
    /// Place of the order that bettered the market last, by side.
    top: [u64; 2],
}

struct Coming {
    id: u64,
    who: Participant,
    side: Side,
    limit: Option<i64>,
    left: i64,
}

impl Plain {
    pub fn new(rule: Rule, prevention: SelfTradePrevention, halt_takes: bool) -> Self {
        Self {
            rule,
            prevention,
            halt_takes,
            phase: MarketPhase::Continuous,
            orders: Vec::new(),
            places: 0,
            last: None,
            top: [0; 2],
        }
    }

    fn find(&self, id: u64) -> Option<usize> {
        self.orders.iter().position(|order| order.id == id)
    }

    /// Orders of a side that have a price: the best first, then by place.
    fn sorted(&self, side: Side) -> Vec<Resting> {
        let mut list: Vec<Resting> = self
            .orders
            .iter()
            .filter(|order| order.side == side && order.price.is_some())
            .cloned()
            .collect();
        list.sort_by_key(|order| {
            let price = order.price.unwrap();
            (if side == Side::Buy { -price } else { price }, order.place)
        });
        list
    }

    fn accepts(coming: &Coming, price: i64) -> bool {
        coming.limit.is_none_or(|limit| match coming.side {
            Side::Buy => price <= limit,
            Side::Sell => price >= limit,
        })
    }

    fn best(&self, side: Side) -> Option<i64> {
        self.sorted(side).first().and_then(|order| order.price)
    }

    fn takes(&self) -> bool {
        match self.phase {
            MarketPhase::Continuous | MarketPhase::Auction => true,
            MarketPhase::Halted => self.halt_takes,
            MarketPhase::Closed => false,
        }
    }

    pub fn submit(&mut self, order: &NewOrder) -> Vec<MatchEvent> {
        let id = order.id;
        let refuse = |why| vec![MatchEvent::Rejected { id, why }];
        if order.quantity.0 < 1 || order.quantity.0 > i64::from(u32::MAX) {
            return refuse(Refusal::Quantity);
        }
        let trading = self.phase == MarketPhase::Continuous;
        let at_once = order.validity == Validity::Ioc || order.validity == Validity::Fok;
        if !self.takes()
            || (at_once && !trading)
            || (order.validity == Validity::Auction && self.phase != MarketPhase::Auction)
            || (order.limit.is_none() && self.phase == MarketPhase::Halted)
        {
            return refuse(Refusal::Phase);
        }
        let odd = (order.limit.is_none() && (order.post_only || order.display.0 != 0))
            || (order.post_only && at_once)
            || order.display.0 < 0
            || order.display > order.quantity;
        if odd {
            return refuse(Refusal::Terms);
        }
        if self.find(id).is_some() {
            return refuse(Refusal::DuplicateOrder);
        }
        let limit = order.limit.map(|price| price.0);
        let (who, side, left) = (order.participant, order.side, order.quantity.0);
        let mut coming = Coming { id, who, side, limit, left };
        let crosses = trading
            && self.best(side.opposite()).is_some_and(|price| Self::accepts(&coming, price));
        if crosses && order.post_only {
            return refuse(Refusal::WouldTrade);
        }
        let mut events = vec![MatchEvent::Accepted { id }];
        if crosses && (order.validity != Validity::Fok || self.fills_whole(&coming)) {
            self.execute(&mut coming, &mut events);
        }
        if coming.left == 0 {
            return events;
        }
        if at_once || (order.limit.is_none() && self.phase != MarketPhase::Auction) {
            events.push(Self::gone(id, coming.left, 0, CancelCause::NoLiquidity));
        } else {
            self.rest(&coming, order.display.0, order.validity, order.post_only);
        }
        events
    }

    fn gone(id: u64, quantity: i64, leaves: i64, cause: CancelCause) -> MatchEvent {
        MatchEvent::Canceled { id, quantity: Lots(quantity), leaves: Lots(leaves), cause }
    }

    fn rest(&mut self, coming: &Coming, display: i64, validity: Validity, post_only: bool) {
        self.places += 1;
        let best = self.best(coming.side);
        if let Some(price) = coming.limit {
            let betters = best.is_none_or(|best| match coming.side {
                Side::Buy => price > best,
                Side::Sell => price < best,
            });
            if betters {
                self.top[coming.side as usize] = self.places;
            }
        }
        let shown = if display == 0 { coming.left } else { display.min(coming.left) };
        self.orders.push(Resting {
            id: coming.id,
            who: coming.who,
            side: coming.side,
            price: coming.limit,
            shown,
            hidden: coming.left - shown,
            display,
            place: self.places,
            validity,
            post_only,
        });
    }

    /// What a fill-or-kill order would get, found by trying it out on a copy.
    fn fills_whole(&self, coming: &Coming) -> bool {
        let mut copy = Self {
            rule: self.rule.clone(),
            orders: self.orders.clone(),
            ..Self::new(Rule::Time, self.prevention, self.halt_takes)
        };
        copy.places = self.places;
        copy.top = self.top;
        let mut events = Vec::new();
        let mut trial = Coming { ..*coming };
        copy.execute(&mut trial, &mut events);
        let filled: i64 = events
            .iter()
            .map(|event| match event {
                MatchEvent::Traded { quantity, .. } => quantity.0,
                _ => 0,
            })
            .sum();
        filled == coming.left
    }

    fn execute(&mut self, coming: &mut Coming, events: &mut Vec<MatchEvent>) {
        while coming.left > 0 {
            let Some(price) = self.best(coming.side.opposite()) else { return };
            if !Self::accepts(coming, price) {
                return;
            }
            let level: Vec<Resting> = self
                .sorted(coming.side.opposite())
                .into_iter()
                .filter(|order| order.price == Some(price))
                .collect();
            let prevents = self.prevention != SelfTradePrevention::None;
            if matches!(self.rule, Rule::Time) {
                let first = level[0].clone();
                if prevents && first.who == coming.who {
                    self.prevent(coming, first.id, events);
                } else {
                    self.trade(coming, price, first.id, coming.left.min(first.shown), events);
                }
                continue;
            }
            if prevents && let Some(own) = level.iter().find(|order| order.who == coming.who) {
                self.prevent(coming, own.id, events);
                continue;
            }
            for (id, quantity) in self.split(&level, coming.left) {
                if quantity > 0 {
                    self.trade(coming, price, id, quantity, events);
                }
            }
        }
    }

    /// Who of a level gets how much, in the order in which they trade.
    fn split(&self, level: &[Resting], volume: i64) -> Vec<(u64, i64)> {
        let total: i64 = level.iter().map(|order| order.shown).sum();
        if volume >= total {
            return level.iter().map(|order| (order.id, order.shown)).collect();
        }
        let mut gets = vec![0_i64; level.len()];
        let mut order_of_trades: Vec<usize> = Vec::new();
        let mut left = volume;
        let (has_top, least, makers) = match &self.rule {
            Rule::Time => (false, None, Vec::new()),
            Rule::ProRata { top, least } => (*top, Some(*least), Vec::new()),
            Rule::Makers { top, makers } => (*top, None, makers.clone()),
        };
        if has_top {
            for (at, order) in level.iter().enumerate() {
                if order.place == self.top[order.side as usize] {
                    gets[at] = left.min(order.shown);
                    left -= gets[at];
                    order_of_trades.push(at);
                }
            }
        }
        if let Some(least) = least {
            let open: i64 = level.iter().zip(&gets).map(|(o, g)| o.shown - g).sum();
            let before = left;
            for (at, order) in level.iter().enumerate() {
                let part = before * (order.shown - gets[at]) / open.max(1);
                if part >= least {
                    gets[at] += part;
                    left -= part;
                }
            }
        }
        let before = left;
        for (who, percent) in makers {
            let mut quota = before * percent / 100;
            for (at, order) in level.iter().enumerate() {
                if order.who == who {
                    let part = quota.min(order.shown - gets[at]);
                    gets[at] += part;
                    quota -= part;
                    left -= part;
                    if part > 0 && !order_of_trades.contains(&at) {
                        order_of_trades.push(at);
                    }
                }
            }
        }
        for (at, order) in level.iter().enumerate() {
            let part = left.min(order.shown - gets[at]);
            gets[at] += part;
            left -= part;
        }
        for at in 0..level.len() {
            if !order_of_trades.contains(&at) {
                order_of_trades.push(at);
            }
        }
        order_of_trades.into_iter().map(|at| (level[at].id, gets[at])).collect()
    }

    fn trade(
        &mut self,
        coming: &mut Coming,
        price: i64,
        maker: u64,
        quantity: i64,
        events: &mut Vec<MatchEvent>,
    ) {
        coming.left -= quantity;
        self.last = Some(price);
        let at = self.find(maker).unwrap();
        let leaves = self.orders[at].leaves() - quantity;
        events.push(MatchEvent::Traded {
            maker,
            taker: coming.id,
            price: Ticks(price),
            quantity: Lots(quantity),
            maker_leaves: Lots(leaves),
            taker_leaves: Lots(coming.left),
        });
        self.show_less(maker, quantity);
    }

    /// Takes lots off what an order shows.
    fn show_less(&mut self, id: u64, quantity: i64) {
        let at = self.find(id).unwrap();
        let order = &mut self.orders[at];
        order.shown -= quantity;
        if order.shown > 0 {
            return;
        }
        if order.hidden == 0 {
            self.orders.remove(at);
            return;
        }
        self.places += 1;
        order.shown = order.hidden.min(order.display);
        order.hidden -= order.shown;
        order.place = self.places;
    }

    /// Takes lots off an order, what it hides first.
    fn shrink(&mut self, at: usize, by: i64) {
        let order = &mut self.orders[at];
        let from_hidden = by.min(order.hidden);
        order.hidden -= from_hidden;
        order.shown -= by - from_hidden;
        if order.shown == 0 {
            self.orders.remove(at);
        }
    }

    fn prevent(&mut self, coming: &mut Coming, own: u64, events: &mut Vec<MatchEvent>) {
        let at = self.find(own).unwrap();
        let leaves = self.orders[at].leaves();
        let cause = CancelCause::SelfTrade;
        use SelfTradePrevention as S;
        if matches!(self.prevention, S::CancelOldest | S::CancelBoth) {
            self.orders.remove(at);
            events.push(Self::gone(own, leaves, 0, cause));
        }
        if matches!(self.prevention, S::CancelNewest | S::CancelBoth) {
            events.push(Self::gone(coming.id, coming.left, 0, cause));
            coming.left = 0;
        }
        if self.prevention == S::DecrementAndCancel {
            let both = coming.left.min(leaves);
            coming.left -= both;
            self.shrink(at, both);
            events.push(Self::gone(own, both, leaves - both, cause));
            events.push(Self::gone(coming.id, both, coming.left, cause));
        }
    }

    pub fn cancel(&mut self, who: Participant, id: u64) -> Vec<MatchEvent> {
        let refuse = |why| vec![MatchEvent::Rejected { id, why }];
        match self.find(id) {
            None => refuse(Refusal::UnknownOrder),
            Some(at) if self.orders[at].who != who => refuse(Refusal::NotOwner),
            Some(at) => {
                let order = self.orders.remove(at);
                vec![Self::gone(id, order.leaves(), 0, CancelCause::Requested)]
            }
        }
    }

    pub fn modify(
        &mut self,
        who: Participant,
        id: u64,
        quantity: Lots,
        price: Ticks,
    ) -> Vec<MatchEvent> {
        let refuse = |why| vec![MatchEvent::Rejected { id, why }];
        let Some(at) = self.find(id).filter(|&at| self.orders[at].price.is_some()) else {
            return refuse(Refusal::UnknownOrder);
        };
        if quantity.0 < 1 || quantity.0 > i64::from(u32::MAX) {
            return refuse(Refusal::Quantity);
        }
        if self.orders[at].who != who {
            return refuse(Refusal::NotOwner);
        }
        if !self.takes() {
            return refuse(Refusal::Phase);
        }
        let old = self.orders[at].clone();
        let kept_priority = old.price == Some(price.0) && quantity.0 <= old.leaves();
        let mut events = vec![MatchEvent::Modified { id, leaves: quantity, price, kept_priority }];
        if kept_priority {
            self.shrink(at, old.leaves() - quantity.0);
            return events;
        }
        let (side, limit, left) = (old.side, Some(price.0), quantity.0);
        let mut coming = Coming { id, who, side, limit, left };
        let best = self.best(side.opposite());
        let trades = self.phase == MarketPhase::Continuous
            && best.is_some_and(|price| Self::accepts(&coming, price));
        if old.post_only && trades {
            return refuse(Refusal::WouldTrade);
        }
        self.orders.remove(at);
        if self.phase == MarketPhase::Continuous {
            self.execute(&mut coming, &mut events);
        }
        if coming.left > 0 {
            self.rest(&coming, old.display, old.validity, old.post_only);
        }
        events
    }

    /// The price of greatest volume by trying every one.
    fn auction_price(&self, reference: Option<i64>) -> Option<(i64, i64)> {
        let mut prices: Vec<i64> = self.orders.iter().filter_map(|order| order.price).collect();
        prices.extend(reference);
        prices.sort_unstable();
        prices.dedup();
        let at = |price: i64| -> (i64, i64) {
            let sum = |side, good: &dyn Fn(i64) -> bool| -> i64 {
                self.orders
                    .iter()
                    .filter(|order| order.side == side && order.price.is_none_or(good))
                    .map(Resting::leaves)
                    .sum()
            };
            let demand = sum(Side::Buy, &|limit| limit >= price);
            let supply = sum(Side::Sell, &|limit| limit <= price);
            (demand.min(supply), demand - supply)
        };
        let most = prices.iter().map(|&price| at(price).0).max()?;
        if most == 0 {
            return None;
        }
        prices.retain(|&price| at(price).0 == most);
        let least = prices.iter().map(|&price| at(price).1.abs()).min()?;
        prices.retain(|&price| at(price).1.abs() == least);
        let price = if prices.iter().all(|&price| at(price).1 > 0) {
            *prices.last()?
        } else if prices.iter().all(|&price| at(price).1 < 0) {
            prices[0]
        } else {
            let reference = reference.unwrap_or(prices[0]);
            *prices.iter().min_by_key(|&&price| ((price - reference).abs(), price))?
        };
        Some((price, most))
    }

    pub fn uncross(&mut self, reference: Option<Ticks>) -> Vec<MatchEvent> {
        let mut events = Vec::new();
        let reference = reference.map(|price| price.0).or(self.last);
        if let Some((price, volume)) = self.auction_price(reference) {
            let line = |side: Side| -> Vec<(u64, i64)> {
                let mut any: Vec<&Resting> = self
                    .orders
                    .iter()
                    .filter(|order| order.side == side && order.price.is_none())
                    .collect();
                any.sort_by_key(|order| order.place);
                let any = any.into_iter().map(|order| (order.id, order.leaves()));
                let limits = self.sorted(side).into_iter().filter(|order| match side {
                    Side::Buy => order.price >= Some(price),
                    Side::Sell => order.price <= Some(price),
                });
                any.chain(limits.map(|order| (order.id, order.leaves()))).collect()
            };
            let (mut buys, mut sells) = (line(Side::Buy), line(Side::Sell));
            let mut left = volume;
            while left > 0 {
                let quantity = left.min(buys[0].1).min(sells[0].1);
                left -= quantity;
                buys[0].1 -= quantity;
                sells[0].1 -= quantity;
                events.push(MatchEvent::Traded {
                    maker: sells[0].0,
                    taker: buys[0].0,
                    price: Ticks(price),
                    quantity: Lots(quantity),
                    maker_leaves: Lots(sells[0].1),
                    taker_leaves: Lots(buys[0].1),
                });
                for list in [&mut buys, &mut sells] {
                    let mut off = quantity;
                    while off > 0 {
                        let at = self.find(list[0].0).unwrap();
                        let part = off.min(self.orders[at].shown);
                        self.show_less(list[0].0, part);
                        off -= part;
                    }
                    if list[0].1 == 0 {
                        list.remove(0);
                    }
                }
            }
            self.last = Some(price);
            events.push(MatchEvent::Uncrossed { price: Ticks(price), quantity: Lots(volume) });
        }
        self.phase = MarketPhase::Continuous;
        let mut any: Vec<Resting> =
            self.orders.iter().filter(|order| order.price.is_none()).cloned().collect();
        any.sort_by_key(|order| order.place);
        for order in any {
            let cause = if order.validity == Validity::Auction {
                CancelCause::Expired
            } else {
                CancelCause::NoLiquidity
            };
            events.push(Self::gone(order.id, order.leaves(), 0, cause));
        }
        self.orders.retain(|order| order.price.is_some());
        self.end(CancelCause::Expired, |order| order.validity == Validity::Auction, &mut events);
        events
    }

    fn end(
        &mut self,
        cause: CancelCause,
        which: impl Fn(&Resting) -> bool,
        events: &mut Vec<MatchEvent>,
    ) {
        for side in [Side::Buy, Side::Sell] {
            for order in self.sorted(side).iter().filter(|order| which(order)) {
                events.push(Self::gone(order.id, order.leaves(), 0, cause));
            }
        }
        self.orders.retain(|order| order.price.is_none() || !which(order));
    }

    pub fn mass_cancel(&mut self, who: Participant) -> Vec<MatchEvent> {
        let mut events = Vec::new();
        self.end(CancelCause::Requested, |order| order.who == who, &mut events);
        let mut any: Vec<Resting> =
            self.orders.iter().filter(|order| order.who == who).cloned().collect();
        any.sort_by_key(|order| order.place);
        for order in any {
            events.push(Self::gone(order.id, order.leaves(), 0, CancelCause::Requested));
        }
        self.orders.retain(|order| order.who != who);
        events
    }

    pub fn set_phase(&mut self, phase: MarketPhase) -> Vec<MatchEvent> {
        if phase == MarketPhase::Continuous && self.phase != phase {
            return self.uncross(None);
        }
        self.phase = phase;
        let mut events = Vec::new();
        if phase == MarketPhase::Closed {
            let day = |order: &Resting| order.validity == Validity::Day;
            self.end(CancelCause::Expired, day, &mut events);
        }
        events
    }

    /// Everything that rests, as it is shown: side, price, id, size, by priority.
    pub fn shown(&self) -> Vec<(Side, i64, u64, i64)> {
        [Side::Buy, Side::Sell]
            .into_iter()
            .flat_map(|side| self.sorted(side))
            .map(|order| (order.side, order.price.unwrap(), order.id, order.shown))
            .collect()
    }
}
