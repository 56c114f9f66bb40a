//! The simulator against what happened: on generated markets, and on a real exchange file.

mod calibration;

use calibration::{check_sums, scorecard, shared, table};
use feed::dbn::Decode;
use feed::synthetic::{SyntheticConfig, SyntheticMarket, write_dbn};
use feed::{MemoryMbo, Source};
use model::mbo::flags;
use model::{Currency, Instrument, InstrumentKind, MboFields, Price, Quantity};
use std::path::Path;
use tickforge_backtest::BacktestError;
use tickforge_backtest::calibrate::{CalibrateFile, CalibrateOptions, Calibration, calibrate};

const SECOND: u64 = 1_000_000_000;
const TICK: i64 = 250_000_000;

fn future(symbol: &str) -> Instrument {
    let (tick, lot) = (Price(TICK), Quantity(1_000_000_000));
    let multiplier = Price(50_000_000_000);
    Instrument::new(symbol, InstrumentKind::Future, tick, lot, multiplier, Currency::USD).unwrap()
}

fn synthetic(config: &SyntheticConfig, options: &CalibrateOptions) -> Calibration {
    let mut open = || -> Result<Box<dyn Source>, BacktestError> {
        Ok(SyntheticMarket::new(config.clone())?.into_source(Decode::default())?)
    };
    calibrate(&mut open, &future("SYN"), options, &mut |_| true).unwrap()
}

fn request(file: &Path) -> CalibrateFile {
    CalibrateFile {
        file: file.to_owned(),
        symbol: None,
        tick_size: None,
        lot_size: None,
        orders: 5_000,
        window_ns: 600 * SECOND,
        levels: 3,
        seed: 42,
    }
}

/// The scorecard of `docs/simulation.md`.
#[test]
fn the_scorecard_of_esh4() {
    let name = "dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst";
    let Some(path) = shared(name) else { return };
    let found = request(&path).run(&mut |_| true).unwrap();
    check_sums(&found);
    assert_eq!((found.records, found.orders, found.candidates), (68_792, 5_000, 13_535));
    assert_eq!((found.lost, found.crowded, found.halves), (0, 0, [1_752, 2_939, 309]));
    assert_eq!(
        scorecard(&found),
        [
            ("l3", None, [905, 2, 0, 2032]),
            ("riskAverse", None, [902, 5, 0, 2032]),
            ("log", None, [906, 1, 87, 1945]),
            ("log2", None, [906, 1, 12, 2020]),
            ("power", Some(2.0), [906, 1, 30, 2002]),
            ("power2", Some(0.25), [905, 2, 10, 2022]),
            ("power3", Some(2.0), [906, 1, 13, 2019]),
        ]
    );
    let exact = &found.models[0].second_half;
    assert_eq!(exact.median_time_error, Some(0));
    assert!(exact.most_time_error.unwrap() < SECOND / 10);
    // Both orders that the exact queue missed had the last lot of their aggressors.
    let missed: Vec<&str> =
        found.models[0].disagreements.iter().map(|d| d.order.as_str()).collect();
    assert_eq!(missed, ["6412777293071", "6412777293778"]);
}

#[test]
fn the_exact_queue_foretells_generated_markets_and_never_flatters() {
    for seed in [1, 2] {
        let config = SyntheticConfig { records: 40_000, seed, ..Default::default() };
        let found = synthetic(&config, &CalibrateOptions { orders: 3_000, ..Default::default() });
        check_sums(&found);
        for score in [&found.models[0].first_half, &found.models[0].second_half] {
            let [hits, unforeseen, flattered, _] = table(score);
            assert_eq!(flattered, 0);
            assert!(hits > 200 && unforeseen * 50 < hits, "{hits} {unforeseen}");
            assert_eq!(score.median_time_error, Some(0));
        }
        // Whoever leaves stood behind: the pessimistic model flatters no order either.
        assert_eq!(table(&found.models[1].second_half)[2], 0);
    }
}

/// Were shadows to compete, or to meet what others left behind, their company would matter.
#[test]
fn shadows_do_not_influence_each_other() {
    let config = SyntheticConfig { records: 30_000, ..Default::default() };
    let options = CalibrateOptions { orders: 300, window: 60 * SECOND, ..Default::default() };
    let together = synthetic(&config, &CalibrateOptions { at_a_time: 300, ..options.clone() });
    let alone = synthetic(&config, &CalibrateOptions { at_a_time: 1, ..options });
    assert_eq!(alone.crowded, 0);
    assert_eq!(together, alone);
    assert!(together.models[0].second_half.filled_as_predicted > 10);
}

#[test]
fn a_sample_that_is_too_dense_is_thinned_and_says_so() {
    let config = SyntheticConfig { records: 30_000, session: 60 * SECOND, ..Default::default() };
    let options = CalibrateOptions { orders: 3_000, at_a_time: 1, ..Default::default() };
    let found = synthetic(&config, &options);
    assert!(found.crowded > 0 && found.orders + found.crowded == 3_000, "{}", found.crowded);
}

/// A stream of a few records, written by hand.
struct Stream(Vec<u8>);

impl Stream {
    /// Asks and bids far from the order, so that it is the touch.
    fn new() -> Self {
        let mut stream = Self(Vec::new());
        stream.record(b'A', b'A', 1, 110, 5, 1, true);
        stream.record(b'A', b'B', 2, 90, 5, 1, true);
        stream
    }

    #[allow(clippy::too_many_arguments, reason = "a record in one line")]
    fn record(&mut self, action: u8, side: u8, id: u64, ticks: i64, size: u32, s: u64, last: bool) {
        let fields = MboFields {
            order_id: id,
            price: ticks * TICK,
            size,
            action,
            side,
            ts_event: s * SECOND,
            ts_recv: s * SECOND,
            flags: if last { flags::LAST } else { 0 },
            ..MboFields::default()
        };
        self.0.extend(fields.encode());
    }

    /// A sale to a resting bid, which is left with so many lots.
    fn sold_to(&mut self, id: u64, ticks: i64, size: u32, left: u32, s: u64) {
        self.record(b'T', b'A', 900 + s, ticks, size, s, false);
        self.record(b'F', b'B', id, ticks, size, s, false);
        let (action, size) = if left == 0 { (b'C', size) } else { (b'M', left) };
        self.record(action, b'B', id, ticks, size, s, true);
    }

    fn calibrate(&self, window: u64) -> Result<Calibration, BacktestError> {
        let bytes = self.0.clone();
        let mut open = || -> Result<Box<dyn Source>, BacktestError> {
            Ok(Box::new(MemoryMbo::new("stream", bytes.clone())?))
        };
        let options = CalibrateOptions { window: window * SECOND, ..Default::default() };
        calibrate(&mut open, &future("S"), &options, &mut |_| true)
    }
}

/// Predicted and actual of the orders that rest after the market has begun, all halves together.
fn totals(found: &Calibration) -> [u64; 4] {
    let exact = &found.models[0];
    let (first, second) = (table(&exact.first_half), table(&exact.second_half));
    std::array::from_fn(|k| first[k] + second[k])
}

#[test]
fn an_order_is_filled_when_all_that_it_displays_has_executed() {
    // Order 3 of two lots, 4 behind it. A part is no fill; the rest is, and the shadow, which stands
    // between the two, has the first lot that 4 gets.
    let mut stream = Stream::new();
    stream.record(b'A', b'B', 3, 100, 2, 2, true);
    stream.record(b'A', b'B', 4, 100, 9, 3, true);
    stream.sold_to(3, 100, 1, 1, 4);
    stream.sold_to(3, 100, 1, 0, 5);
    stream.sold_to(4, 100, 1, 8, 6);
    stream.record(b'A', b'A', 5, 106, 1, 14, true);
    for s in 15..100 {
        stream.record(b'A', b'A', 100 + s, 200, 1, s, true);
    }
    let found = stream.calibrate(20).unwrap();
    let exact = &found.models[0].first_half;
    // Order 4 was filled in part only. The first orders of the book came before it was two-sided.
    assert_eq!(exact.filled_as_predicted, 1);
    assert_eq!(
        (exact.median_time_to_fill, exact.median_time_error),
        (Some(3 * SECOND), Some(SECOND))
    );
    assert_eq!(totals(&found)[1..3], [0, 0]);
    // Bids at 100, offers at 110; ten seconds later offers have come down to 106: sold to at 100,
    // the order stands 5 ticks better at first, then 3.
    assert_eq!(exact.actual_mark_out, [Some(5.0), Some(3.0)]);
    assert_eq!(exact.predicted_mark_out, [Some(5.0), Some(3.0)]);
}

#[test]
fn a_shadow_goes_with_its_order_and_an_order_that_loses_its_place_has_gone() {
    for how in [b'C', b'M'] {
        let mut stream = Stream::new();
        stream.record(b'A', b'B', 3, 100, 2, 2, true);
        stream.record(b'A', b'B', 4, 100, 9, 3, true);
        // 3 is cancelled, or grows and so goes to the back; later everything at the price trades.
        let size = if how == b'C' { 2 } else { 5 };
        stream.record(how, b'B', 3, 100, size, 4, true);
        stream.sold_to(4, 100, 9, 0, 5);
        if how == b'M' {
            stream.sold_to(3, 100, 5, 0, 6);
        }
        for s in 7..100 {
            stream.record(b'A', b'A', 100 + s, 200, 1, s, true);
        }
        let found = stream.calibrate(20).unwrap();
        let [hits, unforeseen, flattered, _] = totals(&found);
        // Only order 4 counts as filled; nothing is held against the shadow of 3.
        assert_eq!((hits + unforeseen, flattered), (1, 0), "{}", char::from(how));
    }
}

#[test]
fn what_happens_after_the_window_has_not_happened() {
    let mut stream = Stream::new();
    stream.record(b'A', b'B', 3, 100, 1, 2, true);
    stream.record(b'A', b'B', 4, 100, 9, 2, true);
    stream.sold_to(3, 100, 1, 0, 8);
    stream.sold_to(4, 100, 1, 8, 9);
    for s in 10..100 {
        stream.record(b'A', b'A', 100 + s, 200, 1, s, true);
    }
    assert_eq!(totals(&stream.calibrate(5).unwrap())[..3], [0, 0, 0]);
    assert_eq!(totals(&stream.calibrate(20).unwrap())[..3], [1, 0, 0]);
}

#[test]
fn a_cleared_book_loses_the_orders_that_stood_in_it() {
    let mut stream = Stream::new();
    stream.record(b'A', b'B', 3, 100, 1, 2, true);
    stream.record(b'R', b'N', 0, 0, 0, 3, true);
    stream.record(b'A', b'A', 5, 110, 5, 4, true);
    stream.record(b'A', b'B', 6, 90, 5, 4, true);
    let found = stream.calibrate(20).unwrap();
    assert!(found.lost >= 1 && found.orders >= 1, "{found:?}");
}

#[test]
fn what_cannot_be_calibrated_is_refused_and_work_stops_when_asked() {
    let code = |error: BacktestError| error.code();
    assert_eq!(code(Stream(Vec::new()).calibrate(5).unwrap_err()), "ERR_BACKTEST_SETTING");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("market.mbo.dbn");
    let config = SyntheticConfig { records: 5_000, ..Default::default() };
    write_dbn(config, &file, &mut |_| true).unwrap();
    // Nobody knows the terms of SYN, and half of them are not enough.
    assert_eq!(code(request(&file).run(&mut |_| true).unwrap_err()), "ERR_FEED_INSTRUMENT_TERMS");
    let lots = CalibrateFile { lot_size: Some("1".to_owned()), ..request(&file) };
    assert_eq!(code(lots.run(&mut |_| true).unwrap_err()), "ERR_BACKTEST_SETTING");
    let known = CalibrateFile { tick_size: Some("0.25".to_owned()), ..request(&file) };
    assert_eq!(code(known.run(&mut |_| false).unwrap_err()), "ERR_FEED_STOPPED");
    let mut last = 0.0;
    let mut rises = |part: f64| {
        assert!((last..=1.0).contains(&part), "{last} {part}");
        last = part;
        true
    };
    assert!(known.run(&mut rises).unwrap().orders > 100);
    assert!(last > 0.99);
    let other = CalibrateFile { symbol: Some("ESH4".to_owned()), ..known.clone() };
    assert_eq!(code(other.run(&mut |_| true).unwrap_err()), "ERR_FEED_UNKNOWN_SYMBOL");
    for bad in [
        CalibrateFile { orders: 0, ..known.clone() },
        CalibrateFile { levels: 0, ..known.clone() },
        CalibrateFile { window_ns: 0, ..known },
    ] {
        assert_eq!(code(bad.run(&mut |_| true).unwrap_err()), "ERR_BACKTEST_SETTING");
    }
}
