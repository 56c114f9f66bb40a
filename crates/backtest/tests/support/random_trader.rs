//! A trader whose every act is drawn from a seed: it does everything that a strategy can do, and
//! what it does depends on nothing but what it was shown, row by row.

use engine::row::RowKind;
use engine::{Amount, Command, OrderTerms, SizeAt, Subscription};
use model::{
    InstrumentIndex, Links, Lots, OrderId, OrderKind, PeerKind, Price, Side, StrategyIndex, Ticks,
    TimeInForce, Trail, TrailOffset, Trigger, TriggerKind, TriggerSource, UnixNanos,
};
use trading::{OrderSize, Target};
use venue::Change;

/// The tick of the instruments in 1e-9.
const TICK: i64 = 250_000_000;

/// A row as the trader is shown it, through columns or through the `Strategy` trait.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub time: u64,
    pub kind: RowKind,
    pub instrument: u32,
    /// Best prices in ticks; `i64::MIN` where there is none.
    pub bid: i64,
    pub ask: i64,
    /// An own order of the trader has ended, or was refused.
    pub ended: Option<u64>,
}

/// How wild it is.
#[derive(Clone, Copy, Debug)]
pub struct Temper {
    /// One in so many rows has an act.
    pub one_in: u64,
    /// Whether it switches its subscriptions.
    pub switches: bool,
    /// Instruments that it trades.
    pub instruments: u32,
    /// Nanoseconds between the timer rows that it has itself called at; 0 for none.
    pub heartbeat: u64,
    /// The act after which it ends the run.
    pub stops_after: u64,
}

pub struct RandomTrader {
    state: u64,
    strategy: u16,
    temper: Temper,
    next_order: u64,
    open: Vec<u64>,
    timers: u32,
    pub acts: u64,
}

impl RandomTrader {
    pub fn new(seed: u64, strategy: u16, temper: Temper) -> Self {
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { state, strategy, temper, next_order: 0, open: Vec::new(), timers: 0, acts: 0 }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) % below
    }

    /// What it does at a row.
    pub fn act(&mut self, moment: &Moment, out: &mut Vec<Command>) {
        if let Some(number) = moment.ended {
            self.open.retain(|&order| order != number);
        }
        if moment.kind == RowKind::Start {
            let every = self.temper.heartbeat;
            if every > 0 {
                out.push(Command::SetTimer { id: 0, at: moment.time, every });
            }
            return;
        }
        // Denials must not feed on themselves.
        let calm = matches!(moment.kind, RowKind::Order | RowKind::Stop);
        if calm || self.draw(self.temper.one_in) != 0 {
            return;
        }
        self.acts += 1;
        if self.acts == self.temper.stops_after {
            out.push(Command::Stop);
        }
        for _ in 0..=self.draw(3) {
            self.one(moment, out);
        }
    }

    fn one(&mut self, moment: &Moment, out: &mut Vec<Command>) {
        let instrument = match moment.kind {
            RowKind::Timer => InstrumentIndex(self.draw(u64::from(self.temper.instruments)) as u32),
            _ => InstrumentIndex(moment.instrument),
        };
        let two_sided = moment.bid != i64::MIN && moment.ask != i64::MIN;
        match self.draw(20) {
            0..=4 if two_sided => {
                let side = if self.draw(2) == 0 { Side::Buy } else { Side::Sell };
                let away = self.draw(4) as i64 - 1;
                let price = match side {
                    Side::Buy => moment.bid - away,
                    Side::Sell => moment.ask + away,
                };
                let size = OrderSize::Quantity(Lots(1 + self.draw(3) as i64));
                let force = match self.draw(6) {
                    0 => TimeInForce::Ioc,
                    1 => TimeInForce::Fok,
                    _ => TimeInForce::Gtc,
                };
                let post_only = force == TimeInForce::Gtc && self.draw(3) == 0;
                let kind = OrderKind::Limit(Ticks(price));
                let amount = Amount::Order(size);
                self.submit(instrument, side, kind, amount, SizeAt::Signal, force, post_only, out);
            }
            5 | 6 => {
                let side = if self.draw(2) == 0 { Side::Buy } else { Side::Sell };
                let amount = match self.draw(3) {
                    0 => Amount::Order(OrderSize::Percent(1.0 + self.draw(20) as f64)),
                    1 => Amount::Target(Target::Percent(self.draw(400) as f64 - 200.0)),
                    _ => Amount::Order(OrderSize::Quantity(Lots(1 + self.draw(2) as i64))),
                };
                let at = if self.draw(2) == 0 { SizeAt::Fill } else { SizeAt::Signal };
                let force = TimeInForce::Gtc;
                self.submit(instrument, side, OrderKind::Market, amount, at, force, false, out);
            }
            7 => {
                let flat = Amount::Target(Target::Quantity(Lots(0)));
                let (kind, force) = (OrderKind::Market, TimeInForce::Gtc);
                let at = if self.draw(2) == 0 { SizeAt::Fill } else { SizeAt::Signal };
                self.submit(instrument, Side::Buy, kind, flat, at, force, false, out);
            }
            8 | 9 if !self.open.is_empty() => {
                let number = self.any_open();
                out.push(Command::Cancel { number });
            }
            10 | 11 if !self.open.is_empty() => {
                let number = self.any_open();
                let quantity = (self.draw(2) == 0).then(|| Lots(self.draw(4) as i64));
                let price = (two_sided && self.draw(2) == 0)
                    .then(|| Ticks(moment.bid + self.draw(4) as i64 - 2));
                let trigger = (two_sided && self.draw(8) == 0)
                    .then(|| Price((moment.bid + self.draw(8) as i64 - 4) * TICK));
                let change = Change { total: quantity, price, trigger };
                out.push(Command::Modify { number, change });
            }
            15..=18 if two_sided => self.conditional(instrument, moment, out),
            12 if self.draw(4) == 0 => {
                let one = (self.draw(2) == 0).then_some(instrument);
                out.push(Command::CancelAll { instrument: one });
            }
            13 => {
                self.timers = (self.timers + 1) % 5;
                let at = moment.time + self.draw(3_000_000) * self.draw(200);
                out.push(Command::SetTimer { id: 1 + self.timers, at, every: 0 });
                if self.draw(4) == 0 {
                    let id = 1 + self.draw(5) as u32;
                    out.push(Command::CancelTimer { id });
                }
            }
            14 if self.temper.switches => {
                let what =
                    if self.draw(2) == 0 { Subscription::Trades } else { Subscription::Quotes };
                let on = self.draw(3) != 0;
                out.push(Command::Subscribe { instrument, what, on });
            }
            _ => {}
        }
    }

    fn any_open(&mut self) -> u64 {
        let at = self.draw(self.open.len() as u64) as usize;
        self.open[at]
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one command")]
    fn submit(
        &mut self,
        instrument: InstrumentIndex,
        side: Side,
        kind: OrderKind,
        amount: Amount,
        size_at: SizeAt,
        time_in_force: TimeInForce,
        post_only: bool,
        out: &mut Vec<Command>,
    ) {
        self.next_order += 1;
        let number = self.next_order;
        self.open.push(number);
        out.push(Command::Submit {
            number,
            instrument,
            side,
            kind,
            amount,
            size_at,
            time_in_force,
            post_only,
            terms: None,
        });
    }

    /// Stops, trailing stops, market-to-limit, reduce-only and good-till-date orders, and brackets.
    fn conditional(
        &mut self,
        instrument: InstrumentIndex,
        moment: &Moment,
        out: &mut Vec<Command>,
    ) {
        let side = if self.draw(2) == 0 { Side::Buy } else { Side::Sell };
        let entry = self.next_order + 1;
        let strategy = StrategyIndex(self.strategy);
        let id = |number| OrderId::new(strategy, number);
        let near = |ticks: i64| Price((moment.bid + ticks) * TICK);
        let stop = |kind, ticks, trail| Trigger {
            kind,
            source: TriggerSource::Default,
            price: near(ticks),
            trail,
        };
        let away = 1 + self.draw(6) as i64;
        let mut terms = OrderTerms::default();
        let mut force = TimeInForce::Gtc;
        let mut kind = OrderKind::Market;
        match self.draw(6) {
            0 => terms.condition.trigger = Some(stop(TriggerKind::Stop, side.sign() * away, None)),
            1 => {
                kind = OrderKind::Limit(Ticks(moment.bid + side.sign() * (away + 1)));
                terms.condition.trigger =
                    Some(stop(TriggerKind::IfTouched, -side.sign() * away, None));
            }
            2 => {
                let offset = TrailOffset::Price(Price(away * TICK));
                let limit_offset = (self.draw(2) == 0).then_some(Ticks(2));
                if limit_offset.is_some() {
                    kind = OrderKind::Limit(Ticks(moment.bid));
                }
                let trail = Some(Trail { offset, limit_offset });
                terms.condition.trigger =
                    Some(Trigger { price: Price::UNDEFINED, ..stop(TriggerKind::Stop, 0, trail) });
            }
            3 => kind = OrderKind::MarketToLimit,
            4 => {
                terms.reduce_only = true;
                kind = OrderKind::Limit(Ticks(moment.bid - side.sign() * away));
                force = TimeInForce::Gtd;
                let end = UnixNanos(moment.time + 1 + self.draw(2_000_000_000));
                terms.condition.expires = Some(end);
            }
            _ => {
                terms.condition.links.children = 2;
                kind = OrderKind::Limit(Ticks(moment.bid + side.sign()));
            }
        }
        let quantity = Lots(1 + self.draw(3) as i64);
        let amount = Amount::Order(OrderSize::Quantity(quantity));
        self.submit(instrument, side, kind, amount, SizeAt::Signal, force, false, out);
        set_terms(out, terms);
        if terms.condition.links.children == 0 {
            return;
        }
        let links = Links {
            parent: Some(id(entry)),
            children: 0,
            group: Some((id(entry + 1), PeerKind::Ouo)),
            peers: 2,
        };
        let exit = side.opposite();
        let profit = OrderKind::Limit(Ticks(moment.bid + side.sign() * (away + 1)));
        let force = TimeInForce::Gtc;
        let all = if self.draw(2) == 0 { Amount::Parent } else { amount };
        self.submit(instrument, exit, profit, all, SizeAt::Signal, force, false, out);
        let mut terms = OrderTerms { reduce_only: true, ..OrderTerms::default() };
        terms.condition.links = links;
        set_terms(out, terms);
        let loss = stop(TriggerKind::Stop, -side.sign() * away, None);
        terms.condition.trigger = Some(loss);
        self.submit(instrument, exit, OrderKind::Market, all, SizeAt::Signal, force, false, out);
        set_terms(out, terms);
    }
}

/// Gives the last order its terms.
fn set_terms(out: &mut [Command], given: OrderTerms) {
    if let Some(Command::Submit { terms, .. }) = out.last_mut() {
        *terms = Some(Box::new(given));
    }
}
