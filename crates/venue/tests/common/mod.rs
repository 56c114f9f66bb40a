//! Small hand-made streams: records are written in a few words, own orders likewise.
#![allow(dead_code, reason = "every test file uses its own part of this")]

pub mod esh4;
pub mod flow;
pub mod waiting;

use model::mbo::flags;
use model::{
    Currency, Fill, Instrument, InstrumentIndex, InstrumentKind, Lots, Mbo, MboFields, OrderId,
    OrderKind, OrderRequest, Price, Quantity, Reason, Report, ReportKind, Side, Sizer,
    StrategyIndex, Ticks, TimeInForce, UnixNanos,
};
use tickforge_venue::{L3Market, VenueError, VenueSettings};

pub use model::Side::{Buy, Sell};

/// Never asked.
pub struct NoSizer;

impl Sizer for NoSizer {
    fn size(
        &mut self,
        _: OrderId,
        _: Price,
        _: Price,
        _: UnixNanos,
    ) -> Result<(Side, Lots), Reason> {
        Err(Reason::NothingToDo)
    }

    fn position(&self, _: OrderId, _: InstrumentIndex, _: model::Leg, _: &[Report]) -> Lots {
        Lots::ZERO
    }
}

/// Always this answer; remembers the prices that it was asked at.
pub struct FixedSizer {
    pub answer: Result<(Side, Lots), Reason>,
    pub asked: Vec<Price>,
}

impl FixedSizer {
    pub fn new(answer: Result<(Side, Lots), Reason>) -> Self {
        Self { answer, asked: Vec::new() }
    }
}

impl Sizer for FixedSizer {
    fn size(
        &mut self,
        _: OrderId,
        price: Price,
        _: Price,
        _: UnixNanos,
    ) -> Result<(Side, Lots), Reason> {
        self.asked.push(price);
        self.answer
    }

    fn position(&self, _: OrderId, _: InstrumentIndex, _: model::Leg, _: &[Report]) -> Lots {
        Lots::ZERO
    }
}

/// Tick 0.25, lot 1, multiplier 50.
pub fn es() -> Instrument {
    Instrument::new(
        "ESH4",
        InstrumentKind::Future,
        Price(250_000_000),
        Quantity(1_000_000_000),
        Price(50_000_000_000),
        Currency::USD,
    )
    .unwrap()
}

pub const TICK: i64 = 250_000_000;

/// The price of a tick of [`es`].
pub fn at(ticks: i64) -> Price {
    Price(ticks * TICK)
}

fn letter(side: Side) -> u8 {
    match side {
        Side::Buy => b'B',
        Side::Sell => b'A',
    }
}

pub fn record(action: u8, side: Option<Side>, id: u64, ticks: i64, size: u32) -> MboFields {
    MboFields {
        action,
        side: side.map_or(b'N', letter),
        order_id: id,
        price: ticks * TICK,
        size,
        flags: 0,
        ..MboFields::default()
    }
}

pub fn add(id: u64, side: Side, ticks: i64, size: u32) -> MboFields {
    record(b'A', Some(side), id, ticks, size)
}
pub fn cancel(id: u64, side: Side, ticks: i64, size: u32) -> MboFields {
    record(b'C', Some(side), id, ticks, size)
}
pub fn modify(id: u64, side: Side, ticks: i64, size: u32) -> MboFields {
    record(b'M', Some(side), id, ticks, size)
}
/// A trade: the aggressor's side and id.
pub fn trade(id: u64, side: Side, ticks: i64, size: u32) -> MboFields {
    record(b'T', Some(side), id, ticks, size)
}
/// A fill of a resting order.
pub fn fill(id: u64, side: Side, ticks: i64, size: u32) -> MboFields {
    record(b'F', Some(side), id, ticks, size)
}

/// A market with a clock that steps by 1,000 ns an event, and what it reported.
pub struct Stage {
    pub market: L3Market,
    pub reports: Vec<Report>,
    pub now: u64,
    pub sizer: FixedSizer,
}

impl Stage {
    pub fn new(settings: &VenueSettings) -> Self {
        Self::seeded(settings, 42)
    }

    pub fn seeded(settings: &VenueSettings, seed: u64) -> Self {
        Self {
            market: L3Market::new(&es(), settings, seed),
            reports: Vec::new(),
            now: 1_000,
            sizer: FixedSizer::new(Err(Reason::NothingToDo)),
        }
    }

    /// A market with bids 10 × 5 (id 1), 10 × 3 (id 2), 9 × 4 (id 3) and asks 12 × 6 (id 11),
    /// 13 × 7 (id 12): trading.
    pub fn open(settings: &VenueSettings) -> Self {
        let mut stage = Self::new(settings);
        for order in [
            add(1, Buy, 10, 5),
            add(2, Buy, 10, 3),
            add(3, Buy, 9, 4),
            add(11, Sell, 12, 6),
            add(12, Sell, 13, 7),
        ] {
            stage.event(&[order]);
        }
        stage
    }

    /// One event of these records.
    pub fn event(&mut self, records: &[MboFields]) -> Vec<Report> {
        self.try_event(records).unwrap()
    }

    pub fn try_event(&mut self, records: &[MboFields]) -> Result<Vec<Report>, VenueError> {
        self.now += 1_000;
        let from = self.reports.len();
        for (i, fields) in records.iter().enumerate() {
            let mut fields = *fields;
            fields.ts_event = self.now;
            if i + 1 == records.len() {
                fields.flags |= flags::LAST;
            }
            let bytes = fields.encode();
            let last = self.market.apply(Mbo::new(&bytes), &mut self.sizer, &mut self.reports)?;
            assert_eq!(last, i + 1 == records.len());
        }
        Ok(self.reports[from..].to_vec())
    }

    /// An aggressor: T, an F and a C for each resting order that it fills whole or in part.
    pub fn hit(&mut self, aggressor: Side, fills: &[(u64, i64, u32)]) -> Vec<Report> {
        let volume = fills.iter().map(|f| f.2).sum();
        let mut records = vec![trade(900, aggressor, fills[0].1, volume)];
        let passive = aggressor.opposite();
        records.extend(fills.iter().map(|&(id, ticks, size)| fill(id, passive, ticks, size)));
        for &(id, ticks, size) in fills {
            let shown = self.market.book().order(id).unwrap().quantity.0 as u32;
            records.push(if size < shown {
                modify(id, passive, ticks, shown - size)
            } else {
                cancel(id, passive, ticks, shown)
            });
        }
        // One T per price, as recorded.
        let mut prices: Vec<i64> = fills.iter().map(|f| f.1).collect();
        prices.dedup();
        if prices.len() > 1 {
            records.remove(0);
            for (k, &price) in prices.iter().enumerate() {
                let size = fills.iter().filter(|f| f.1 == price).map(|f| f.2).sum();
                records.insert(k, trade(900, aggressor, price, size));
            }
        }
        self.event(&records)
    }

    pub fn submit(&mut self, order: OrderRequest) -> Vec<Report> {
        let from = self.reports.len();
        let at = UnixNanos(self.now);
        self.market.submit(&order, at, &mut self.sizer, &mut self.reports).unwrap();
        self.reports[from..].to_vec()
    }

    pub fn modify(&mut self, id: OrderId, total: Option<i64>, price: Option<i64>) -> Vec<Report> {
        let from = self.reports.len();
        let at = UnixNanos(self.now);
        let (total, price) = (total.map(Lots), price.map(Ticks));
        self.market.modify(id, total, price, at, &mut self.reports).unwrap();
        self.reports[from..].to_vec()
    }

    pub fn cancel(&mut self, id: OrderId) -> Vec<Report> {
        let from = self.reports.len();
        self.market.cancel(id, UnixNanos(self.now), &mut self.reports).unwrap();
        self.reports[from..].to_vec()
    }
}

/// The n-th order of strategy 0.
pub fn own(number: u64) -> OrderId {
    OrderId::new(StrategyIndex(0), number)
}

pub fn limit(number: u64, side: Side, ticks: i64, quantity: i64) -> OrderRequest {
    OrderRequest {
        id: own(number),
        instrument: InstrumentIndex(0),
        side,
        kind: OrderKind::Limit(Ticks(ticks)),
        quantity: Lots(quantity),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        reduce_only: false,
        display: Lots::ZERO,
        size_at_fill: false,
    }
}

pub fn market(number: u64, side: Side, quantity: i64) -> OrderRequest {
    OrderRequest { kind: OrderKind::Market, ..limit(number, side, 0, quantity) }
}

/// The fills among reports.
pub fn fills(reports: &[Report]) -> Vec<Fill> {
    reports
        .iter()
        .filter_map(|report| match report.kind {
            ReportKind::Filled(fill) => Some(fill),
            _ => None,
        })
        .collect()
}

/// Order number, quantity and price in ticks of each fill.
pub fn taken(reports: &[Report]) -> Vec<(u64, i64, i64)> {
    fills(reports)
        .iter()
        .map(|f| {
            assert_eq!(f.price.0 % TICK, 0, "on the grid");
            (f.order.number(), f.quantity.0, f.price.0 / TICK)
        })
        .collect()
}

pub fn kinds(reports: &[Report]) -> Vec<ReportKind> {
    reports.iter().map(|report| report.kind).collect()
}
