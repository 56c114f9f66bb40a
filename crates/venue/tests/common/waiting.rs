//! Markets with orders that wait beside them.

use super::*;
use model::{
    Bar, Condition, Links, MarketEvent, OrderId, PeerKind, Trail, TrailOffset, Trigger,
    TriggerKind, TriggerSource,
};
use tickforge_venue::{BarMarket, Conditional, Market, Support};

const MINUTE: u64 = model::Timeframe::MINUTE.0;

/// A price on a plain equity's grid of 1e-9.
pub fn p(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// A limit order for 5.
pub fn order(number: u64, side: Side, price: &str) -> OrderRequest {
    limit(number, side, p(price).0, 5)
}

/// Holds a position, and answers no question about sizes.
pub struct Holder {
    pub held: i64,
}

impl Sizer for Holder {
    fn size(
        &mut self,
        _: OrderId,
        _: Price,
        _: Price,
        _: UnixNanos,
    ) -> Result<(Side, Lots), Reason> {
        Err(Reason::NothingToDo)
    }

    fn position(&self, _: OrderId, _: InstrumentIndex, _: model::Leg, unbooked: &[Report]) -> Lots {
        let change: i64 =
            fills(unbooked).iter().map(|fill| fill.side.sign() * fill.quantity.0).sum();
        Lots(self.held + change)
    }
}

/// A market of minute bars.
pub struct Bars {
    pub market: Market,
    pub conditional: Conditional,
    pub sizer: Holder,
    minute: u64,
}

impl Bars {
    pub fn new(settings: VenueSettings) -> Self {
        let instrument = Instrument::plain_equity("X", Currency::USD).unwrap();
        let support = Support { trades: true, quotes: false, queue: false };
        Self {
            market: Market::Bar(Box::new(BarMarket::new(&instrument, &settings, 42))),
            conditional: Conditional::new(&instrument, support),
            sizer: Holder { held: 0 },
            minute: 10,
        }
    }

    /// With a position.
    pub fn holding(mut self, lots: i64) -> Self {
        self.sizer.held = lots;
        self
    }

    pub fn now(&self) -> UnixNanos {
        UnixNanos(self.minute * MINUTE)
    }

    /// The bar of the next minute.
    pub fn bar(&mut self, open: &str, high: &str, low: &str, close: &str) -> Vec<Report> {
        let open_time = self.now();
        self.minute += 1;
        let bar = Bar {
            instrument: InstrumentIndex(0),
            timeframe: model::Timeframe::MINUTE,
            open_time,
            close_time: self.now(),
            open: p(open),
            high: p(high),
            low: p(low),
            close: p(close),
            volume: 0,
        };
        let mut out = Vec::new();
        let event = MarketEvent::Bar(bar);
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.on_event(market, &event, sizer, &mut out).unwrap();
        self.conditional.print(bar.close);
        self.book(&out);
        out
    }

    /// A bar of one price.
    pub fn flat(&mut self, price: &str) -> Vec<Report> {
        self.bar(price, price, price, price)
    }

    fn book(&mut self, reports: &[Report]) {
        for fill in fills(reports) {
            self.sizer.held += fill.side.sign() * fill.quantity.0;
        }
    }

    /// An order arrives with a condition.
    pub fn wait(&mut self, request: OrderRequest, condition: Condition) -> Vec<Report> {
        self.wait_at(request, condition, self.now())
    }

    pub fn wait_at(
        &mut self,
        request: OrderRequest,
        condition: Condition,
        at: UnixNanos,
    ) -> Vec<Report> {
        let mut out = Vec::new();
        let (market, sizer) = (&mut self.market, &mut self.sizer);
        self.conditional.submit(market, &request, Some(&condition), at, sizer, &mut out).unwrap();
        self.book(&out);
        out
    }

    /// An entry at a limit with a profit limit and a stop.
    pub fn bracket(&mut self, number: u64, side: Side, entry: &str, profit: &str, loss: &str) {
        let mut parent = plain();
        parent.links.children = 2;
        self.wait(order(number, side, entry), parent);
        let exit = side.opposite();
        let profit = reducing(order(number + 1, exit, profit));
        let family = |condition: Condition| Condition {
            links: Links {
                parent: Some(id(number)),
                children: 0,
                group: Some((id(number + 1), PeerKind::Ouo)),
                peers: 2,
            },
            ..condition
        };
        self.wait(profit, family(plain()));
        self.wait(reducing(market(number + 2, exit, 5)), family(stop(loss)));
    }
}

pub fn id(number: u64) -> OrderId {
    OrderId::new(StrategyIndex(0), number)
}

pub fn reducing(request: OrderRequest) -> OrderRequest {
    OrderRequest { reduce_only: true, ..request }
}

/// Nothing to wait for.
pub fn plain() -> Condition {
    Condition::default()
}

fn trigger(kind: TriggerKind, price: Price, trail: Option<Trail>) -> Condition {
    let source = TriggerSource::Default;
    Condition { trigger: Some(Trigger { kind, source, price, trail }), ..plain() }
}

pub fn stop(price: &str) -> Condition {
    trigger(TriggerKind::Stop, p(price), None)
}

pub fn touched(price: &str) -> Condition {
    trigger(TriggerKind::IfTouched, p(price), None)
}

pub fn trailing_by(distance: &str) -> Condition {
    let trail = Trail { offset: TrailOffset::Price(p(distance)), limit_offset: None };
    trigger(TriggerKind::Stop, Price::UNDEFINED, Some(trail))
}

pub fn trailing_bps(bps: i64) -> Condition {
    let trail = Trail { offset: TrailOffset::Bps(bps * model::NANO), limit_offset: None };
    trigger(TriggerKind::Stop, Price::UNDEFINED, Some(trail))
}

pub fn trailing_limit(distance: &str, ticks: i64) -> Condition {
    let offset = TrailOffset::Price(p(distance));
    let trail = Trail { offset, limit_offset: Some(Ticks(ticks)) };
    trigger(TriggerKind::Stop, Price::UNDEFINED, Some(trail))
}

/// One of two peers; the first has this number.
pub fn peers(first: u64, kind: PeerKind) -> Condition {
    let group = Some((id(first), kind));
    Condition { links: Links { parent: None, children: 0, group, peers: 2 }, ..plain() }
}

pub fn with_stop(condition: Condition, price: &str) -> Condition {
    Condition { trigger: stop(price).trigger, ..condition }
}

/// Order, price and liquidity of each fill.
pub fn told(reports: &[Report]) -> Vec<(u64, Price, model::LiquiditySide)> {
    fills(reports).iter().map(|f| (f.order.number(), f.price, f.liquidity)).collect()
}
