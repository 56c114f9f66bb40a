//! No input panics or hangs a market.

mod common;

use common::*;
use model::mbo::flags;
use model::{
    Bar, InstrumentIndex, LevelUpdate, Lots, MarketEvent, Mbo, MboFields, OrderKind, OrderRequest,
    Price, Quantity, Quote, ReportKind, Side, Ticks, TimeInForce, Timeframe, Trade, UnixNanos,
};
use proptest::prelude::*;
use tickforge_venue::{
    BarMarket, L3Market, Market, OwnOrder, QueueModel, QuoteMarket, VenueSettings,
};

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Buy), Just(Sell)]
}

/// Mostly a few ticks around 100, sometimes anything.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![8 => (96i64..104).prop_map(|t| t * TICK), 1 => any::<i64>(), 1 => Just(i64::MAX)]
}

fn size() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0u32..10, 1 => any::<u32>()]
}

fn record() -> impl Strategy<Value = MboFields> {
    let action = prop_oneof![
        Just(b'A'),
        Just(b'A'),
        Just(b'C'),
        Just(b'M'),
        Just(b'T'),
        Just(b'F'),
        Just(b'R'),
        Just(b'N'),
        any::<u8>()
    ];
    let letter = prop_oneof![4 => Just(b'A'), 4 => Just(b'B'), 1 => Just(b'N'), 1 => any::<u8>()];
    let bits = prop_oneof![6 => Just(flags::LAST), 3 => Just(0), 1 => any::<u8>()];
    (action, letter, bits, 0u64..12, price(), size(), any::<u64>()).prop_map(
        |(action, side, flags, order_id, price, size, ts_event)| MboFields {
            action,
            side,
            flags,
            order_id,
            price,
            size,
            ts_event,
            ..MboFields::default()
        },
    )
}

fn request() -> impl Strategy<Value = OrderRequest> {
    let lots = prop_oneof![8 => 1i64..12, 1 => any::<i64>()];
    let ticks = prop_oneof![8 => 94i64..106, 1 => any::<i64>()];
    let force = prop_oneof![Just(TimeInForce::Gtc), Just(TimeInForce::Ioc), Just(TimeInForce::Fok)];
    (1u64..9, side(), prop::option::of(ticks), lots, force, any::<bool>(), any::<bool>()).prop_map(
        |(number, side, ticks, quantity, time_in_force, post_only, size_at_fill)| OrderRequest {
            id: own(number),
            instrument: InstrumentIndex(0),
            side,
            kind: ticks.map_or(OrderKind::Market, |t| OrderKind::Limit(Ticks(t))),
            quantity: Lots(quantity),
            time_in_force,
            post_only,
            reduce_only: false,
            display: Lots::ZERO,
            size_at_fill,
        },
    )
}

#[derive(Debug, Clone)]
enum Step {
    Record(MboFields),
    Event(MarketEvent),
    Submit(OrderRequest),
    Modify(u64, Option<i64>, Option<i64>),
    Cancel(u64),
}

fn commands() -> impl Strategy<Value = Step> {
    let total = prop::option::of(any::<i64>().prop_map(|t| t % 20));
    prop_oneof![
        4 => request().prop_map(Step::Submit),
        1 => (1u64..9, total, prop::option::of(94i64..106)).prop_map(|(n, t, p)| Step::Modify(n, t, p)),
        1 => (1u64..9).prop_map(Step::Cancel),
    ]
}

fn event() -> impl Strategy<Value = MarketEvent> {
    let instrument = InstrumentIndex(0);
    let lots = prop_oneof![8 => (0i64..9).prop_map(|n| n * 1_000_000_000), 1 => any::<i64>()];
    (0u8..4, side(), [price(), price(), price(), price()], lots, any::<u64>(), any::<bool>())
        .prop_map(move |(kind, side, p, quantity, ts, flag)| {
            let (ts_event, quantity) = (UnixNanos(ts), Quantity(quantity));
            let ts_recv = ts_event;
            let [a, b, c, d] = p.map(Price);
            match kind {
                0 => MarketEvent::Trade(Trade {
                    instrument,
                    ts_event,
                    ts_recv,
                    price: a,
                    quantity,
                    aggressor: flag.then_some(side),
                }),
                1 => MarketEvent::Quote(Quote {
                    instrument,
                    ts_event,
                    ts_recv,
                    bid: a,
                    ask: b,
                    bid_size: quantity,
                    ask_size: quantity,
                    bid_count: 0,
                    ask_count: 0,
                }),
                2 => MarketEvent::Level(LevelUpdate {
                    instrument,
                    ts_event,
                    ts_recv,
                    side,
                    price: a,
                    quantity,
                    last: flag,
                    clear: ts % 9 == 0,
                }),
                _ => MarketEvent::Bar(Bar {
                    instrument,
                    timeframe: Timeframe(ts % 3),
                    open_time: ts_event,
                    close_time: ts_event.plus(ts % 99),
                    open: a,
                    high: b,
                    low: c,
                    close: d,
                    volume: 0,
                }),
            }
        })
}

/// Drives a market; what is filled never passes what was asked for.
fn drive(market: &mut Market, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut sizer = FixedSizer::new(Ok((Buy, Lots(3))));
    let (mut out, mut now) = (Vec::new(), 0);
    for step in steps {
        now += 7;
        let at = UnixNanos(now);
        // Errors are answers; only panics are not.
        let _ = match step {
            Step::Record(fields) => {
                let Market::L3(l3) = &mut *market else { continue };
                l3.apply(Mbo::new(&fields.encode()), &mut sizer, &mut out).map(|_| ())
            }
            Step::Event(event) => market.on_event(&event, &mut sizer, &mut out),
            Step::Submit(order) => market.submit(&order, at, &mut sizer, &mut out),
            Step::Modify(n, total, price) => {
                market.modify(own(n), total.map(Lots), price.map(Ticks), at, &mut out)
            }
            Step::Cancel(n) => market.cancel(own(n), at, &mut out),
        };
        for report in out.drain(..) {
            if let ReportKind::Filled(fill) = report.kind {
                prop_assert!(fill.quantity.0 > 0 && fill.leaves.0 >= 0, "{fill:?}");
            }
        }
        // Inside an event a fill is not reported yet; at every moment something is left of it.
        let open = |own: &OwnOrder| own.limit.is_none() || own.total > own.filled;
        prop_assert!(market.own_orders().iter().all(open));
    }
    Ok(())
}

/// Found by the property below: a refused record with LAST ended an event whose fills were not yet
/// reported, and a change of the order could come between.
#[test]
fn a_refused_record_leaves_its_event_open() {
    let order = OrderRequest {
        id: own(4),
        instrument: InstrumentIndex(0),
        side: Side::Sell,
        kind: OrderKind::Limit(Ticks(94)),
        quantity: Lots(7),
        time_in_force: TimeInForce::Gtc,
        post_only: false,
        reduce_only: false,
        display: Lots::ZERO,
        size_at_fill: false,
    };
    let record = |action, side, price, size, flags| {
        Step::Record(MboFields { action, side, price, size, flags, ..MboFields::default() })
    };
    let steps = vec![
        Step::Submit(order),
        record(b'T', b'B', 24_000_000_000, 5, 128),
        record(b'M', b'B', 24_000_000_000, 2, 0),
        record(b'M', b'A', 1, 0, 128),
        Step::Modify(4, Some(6), None),
        record(b'T', b'A', 24_000_000_000, 0, 128),
    ];
    let settings = VenueSettings::new();
    drive(&mut Market::L3(Box::new(L3Market::new(&es(), &settings, 1))), steps).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_records_and_commands_leave_an_l3_market_whole(
        steps in prop::collection::vec(prop_oneof![3 => record().prop_map(Step::Record), 1 => commands()], 1..80),
        pro_rata: bool,
    ) {
        let queue = if pro_rata { QueueModel::ProRata } else { QueueModel::Fifo };
        let settings = VenueSettings::new().with_queue(queue).with_touch_probability(0.7).unwrap();
        drive(&mut Market::L3(Box::new(L3Market::new(&es(), &settings, 1))), steps)?;
    }

    #[test]
    fn any_events_and_commands_leave_quote_and_bar_markets_whole(
        steps in prop::collection::vec(prop_oneof![3 => event().prop_map(Step::Event), 1 => commands()], 1..60),
    ) {
        let settings = VenueSettings::new().with_touch_probability(0.7).unwrap();
        drive(&mut Market::Quote(Box::new(QuoteMarket::new(&es(), &settings, 1))), steps.clone())?;
        drive(&mut Market::Bar(Box::new(BarMarket::new(&es(), &settings, 1))), steps)?;
    }
}
