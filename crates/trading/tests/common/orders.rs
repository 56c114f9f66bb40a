//! Orders of strategy 3 and reports on them.

use model::*;

pub const X: InstrumentIndex = InstrumentIndex(0);
pub const S: StrategyIndex = StrategyIndex(3);

pub fn id(number: u64) -> OrderId {
    OrderId::new(S, number)
}

pub fn request(number: u64, side: Side, quantity: i64) -> OrderRequest {
    OrderRequest {
        id: id(number),
        instrument: X,
        side,
        kind: OrderKind::Limit(Ticks(100)),
        quantity: Lots(quantity),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        reduce_only: false,
        display: Lots::ZERO,
        size_at_fill: false,
    }
}

pub fn report(number: u64, ts: u64, kind: ReportKind) -> Report {
    Report { order: id(number), instrument: X, ts_event: UnixNanos(ts), kind }
}

pub fn filled(number: u64, ts: u64, quantity: i64, leaves: i64) -> Report {
    let fill = Fill {
        order: id(number),
        instrument: X,
        side: Side::Buy,
        quantity: Lots(quantity),
        price: super::price("100"),
        liquidity: LiquiditySide::Maker,
        basis: model::FillBasis::Taken,
        ts_event: UnixNanos(ts),
        leaves: Lots(leaves),
        fee: Money(1),
        reduce_only: false,
    };
    report(number, ts, ReportKind::Filled(fill))
}

pub fn canceled(number: u64, ts: u64, leaves: i64) -> Report {
    let kind = ReportKind::Canceled { leaves: Lots(leaves), reason: CancelReason::Requested };
    report(number, ts, kind)
}

pub fn modified(number: u64, ts: u64, quantity: i64) -> Report {
    report(number, ts, ReportKind::Modified { quantity: Lots(quantity), price: Ticks(101) })
}

pub fn accepted(number: u64, ts: u64) -> Report {
    report(number, ts, ReportKind::Accepted)
}
