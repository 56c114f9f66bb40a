//! Targets and order sizes, and the whole backtests that follow from them.

mod common;
use common::{equity, fill, money, price, shared, split};
use model::*;
use tickforge_trading::*;

const X: InstrumentIndex = InstrumentIndex(0);

fn input<'a>(instrument: &'a Instrument, at: &str, equity: &str, position: i64) -> SizingInput<'a> {
    SizingInput {
        instrument,
        price: price(at),
        equity: money(equity),
        position: Lots(position),
        working: Lots(0),
        reserve_fees: false,
    }
}

fn free(_: Side, _: Lots) -> Result<Money, Reason> {
    Ok(Money::ZERO)
}

/// One unit of currency a lot.
fn one_a_lot(_: Side, lots: Lots) -> Result<Money, Reason> {
    Ok(Money(i128::from(lots.0) * 1_000_000_000))
}

#[test]
fn all_of_equity_is_the_floor_of_equity_by_price() {
    let x = equity();
    let delta = |target, at, equity, position| {
        resolve_target(target, &input(&x, at, equity, position), &mut free)
    };
    assert_eq!(delta(Target::Percent(100.0), "180.36", "10000", 0), Ok(55));
    assert_eq!(delta(Target::Percent(-100.0), "180.36", "10000", 0), Ok(-55));
    assert_eq!(delta(Target::Percent(100.0), "0.1", "10000", 0), Ok(100_000));
    assert_eq!(delta(Target::Percent(50.0), "100", "10000", 10), Ok(40));
    assert_eq!(delta(Target::Percent(50.0), "100", "10000", 60), Ok(-10));
    assert_eq!(delta(Target::Percent(0.0), "100", "10000", 60), Ok(-60));
    assert_eq!(delta(Target::Quantity(Lots(-5)), "100", "10000", 60), Ok(-65));
    assert_eq!(delta(Target::Value(money("-950")), "100", "10000", 0), Ok(-9));
    // Nothing left: a target of all of it closes what there is.
    assert_eq!(delta(Target::Percent(100.0), "100", "-50", -3), Ok(3));
}

#[test]
fn multiplier_and_lot_enter_the_size() {
    let es = common::future();
    let at = input(&es, "4800", "1000000", 1);
    // 1,000,000 / (4800 · 50) = 4.17 contracts.
    assert_eq!(resolve_target(Target::Percent(100.0), &at, &mut free), Ok(3));
    let mut coin = equity();
    coin.lot_size = Quantity(10); // 1e-8
    let at = input(&coin, "60000.12", "1000", 0);
    // 1000 / 60000.12 = .016666633…
    assert_eq!(resolve_target(Target::Percent(100.0), &at, &mut free), Ok(1_666_663));
    let mut tenth = equity();
    tenth.multiplier = price("0.1");
    let at = input(&tenth, "10", "105", 0);
    assert_eq!(resolve_target(Target::Percent(100.0), &at, &mut free), Ok(105));
}

#[test]
fn risk_sizes_by_the_distance_to_the_stop() {
    let x = equity();
    let risk = |stop| Target::Risk { fraction: 0.02, stop: price(stop) };
    let at = input(&x, "48", "10000", 0);
    assert_eq!(resolve_target(risk("45"), &at, &mut free), Ok(66));
    assert_eq!(resolve_target(risk("51"), &at, &mut free), Ok(-66));
    assert_eq!(resolve_target(risk("48"), &at, &mut free), Err(Reason::Unsupported));
}

#[test]
fn a_flip_is_sized_after_its_closing_leg_has_paid_its_fee() {
    let x = equity();
    let at = input(&x, "100", "10000", -50);
    // Closing 50 costs 50: ⌊9950/100⌋ = 99 and 50 to close.
    assert_eq!(resolve_target(Target::Percent(100.0), &at, &mut one_a_lot), Ok(149));
    let long = input(&x, "100", "10000", 50);
    assert_eq!(resolve_target(Target::Percent(100.0), &long, &mut one_a_lot), Ok(50));
    // With room for its own fee: 98 · 101 = 9898 ≤ 9950 < 99 · 101.
    let reserved = SizingInput { reserve_fees: true, ..at };
    assert_eq!(resolve_target(Target::Percent(100.0), &reserved, &mut one_a_lot), Ok(148));
    // Only what is added pays: 50 held, 49 more at 101 each = 4949 ≤ 5000.
    let reserved = SizingInput { reserve_fees: true, ..long };
    assert_eq!(resolve_target(Target::Percent(100.0), &reserved, &mut one_a_lot), Ok(49));
}

#[test]
fn working_orders_count_towards_the_target() {
    let x = equity();
    let mut at = input(&x, "100", "10000", 10);
    at.working = Lots(15);
    assert_eq!(resolve_target(Target::Quantity(Lots(30)), &at, &mut free), Ok(5));
    assert_eq!(
        resolve_target(Target::Quantity(Lots(25)), &at, &mut free),
        Err(Reason::NothingToDo)
    );
}

#[test]
fn orders_by_cash_and_percent_round_toward_zero() {
    let x = equity();
    let at = input(&x, "30", "1000", 0);
    let size = |side, size| resolve_order(side, size, &at, &mut free);
    assert_eq!(size(Side::Buy, OrderSize::Cash(money("100"))), Ok(Lots(3)));
    assert_eq!(size(Side::Sell, OrderSize::Percent(50.0)), Ok(Lots(16)));
    assert_eq!(size(Side::Sell, OrderSize::Quantity(Lots(7))), Ok(Lots(7)));
    for zero in [
        OrderSize::Cash(money("29.99")),
        OrderSize::Cash(money("-100")),
        OrderSize::Percent(-50.0),
        OrderSize::Quantity(Lots(0)),
    ] {
        assert_eq!(size(Side::Buy, zero), Err(Reason::ZeroSize), "{zero:?}");
    }
}

#[test]
fn impossible_sizes_have_a_reason() {
    let x = equity();
    let at = |p: &str| SizingInput { ..input(&x, p, "10000", 0) };
    let resolve = |target, at: SizingInput<'_>| resolve_target(target, &at, &mut free);
    assert_eq!(resolve(Target::Percent(1.0), at("200")), Err(Reason::ZeroSize));
    assert_eq!(resolve(Target::Quantity(Lots(0)), at("200")), Err(Reason::NothingToDo));
    assert_eq!(resolve(Target::Percent(f64::NAN), at("200")), Err(Reason::Unsupported));
    assert_eq!(resolve(Target::Percent(1e300), at("200")), Err(Reason::Unsupported));
    assert_eq!(resolve(Target::Percent(10.0), at("0")), Err(Reason::Unsupported));
    assert_eq!(resolve(Target::Percent(10.0), at("-5")), Err(Reason::Unsupported));
    assert_eq!(resolve(Target::Value(Money(i128::MAX)), at("1")), Err(Reason::Overflow));
    let far = SizingInput { position: Lots(i64::MAX), working: Lots(1), ..at("1") };
    assert_eq!(resolve(Target::Percent(10.0), far), Err(Reason::Overflow));
}

/// One bar of a run: open and close in 1e-9.
type Bar = (i64, i64);

struct Run {
    equity: Money,
    trips: Vec<RoundTrip>,
    open: bool,
}

/// SMA cross, always in the market: the signal at a close fills at the next open. This is the
/// convention of backtesting.py 0.6.6; `finalize` closes at the last bar's open.
fn sma_cross(bars: &[Bar], fast: usize, slow: usize, fee: (i128, i128), finalize: bool) -> Run {
    let x = equity();
    let mut account = Account::new(Currency::USD, money("10000"), 1);
    let mut trips = RoundTrips::new(1);
    let mut done = Vec::new();
    let fee_at = |p: Price, lots: Lots| {
        x.notional(p, lots).and_then(|v| v.scale(fee.0, fee.1)).map_err(|_| Reason::Overflow)
    };
    let mut trade = |account: &mut Account, bar: usize, delta: i64| {
        let (side, lots) = split(delta);
        let p = Price(bars[bar].0);
        let order = Fill {
            price: p,
            fee: fee_at(p, lots).unwrap(),
            reduce_only: false,
            ts_event: UnixNanos(bar as u64),
            ..fill(side, lots.0, "1")
        };
        account.apply_fill(&x, &order).unwrap();
        done.extend(trips.on_fill(&x, &order).unwrap());
    };
    // Sums of integers: no rounding, so that ties are ties.
    let sum = |at: usize, n: usize| bars[at + 1 - n..=at].iter().map(|b| b.1).sum::<i64>();
    let above = |at: usize| sum(at, fast) * slow as i64 - sum(at, slow) * fast as i64;
    let mut wanted = None;
    for bar in 0..bars.len() {
        if let Some(percent) = wanted.take() {
            let p = Price(bars[bar].0);
            let input = SizingInput {
                instrument: &x,
                price: p,
                equity: account.equity(std::slice::from_ref(&x), &|_, _| p).unwrap(),
                position: account.position(X).quantity,
                working: Lots(0),
                reserve_fees: true,
            };
            let delta =
                resolve_target(Target::Percent(percent), &input, &mut |_, lots| fee_at(p, lots));
            trade(&mut account, bar, delta.unwrap());
        }
        if bar >= slow && bar + 1 < bars.len() {
            let (before, now) = (above(bar - 1), above(bar));
            if before < 0 && now > 0 {
                wanted = Some(100.0);
            } else if before > 0 && now < 0 {
                wanted = Some(-100.0);
            }
        }
    }
    let held = account.position(X).quantity.0;
    if finalize && held != 0 {
        trade(&mut account, bars.len() - 1, -held);
    }
    let last = Price(bars[bars.len() - 1].1);
    let equity = account.equity(std::slice::from_ref(&x), &|_, _| last).unwrap();
    Run { equity, trips: done, open: account.position(X).quantity.0 != 0 }
}

fn csv_bars(path: &std::path::Path) -> Vec<Bar> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().skip(1).map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        (price(cells[1]).0, price(cells[4]).0)
    });
    rows.collect()
}

#[test]
fn the_sma_cross_on_goog_ends_at_the_reference_equity() {
    let Some(path) = shared("vectors/backtesting_py/GOOG.csv") else { return };
    let bars = csv_bars(&path);
    assert_eq!(bars.len(), 2148);
    let run = sma_cross(&bars, 10, 30, (0, 1), true);
    assert_eq!(run.equity, money("51422.99"));
    assert_eq!((run.trips.len(), run.open), (66, false));
    let wins = run.trips.iter().filter(|t| t.net().0 > 0).count();
    assert!((wins as f64 / 66.0 - 0.469_696_97).abs() < 1e-8);
    let run = sma_cross(&bars, 10, 20, (2, 1000), false);
    assert!((run.equity.as_f64() - 56_263.519_34).abs() < 1e-5, "{}", run.equity);
    assert_eq!((run.trips.len(), run.open), (93, true));
}

#[test]
fn the_trades_on_goog_are_the_reference_trades_one_by_one() {
    let Some(path) = shared("vectors/backtesting_py/GOOG.csv") else { return };
    let Some(trades) = shared("vectors/derived/bt_goog_sma10_20_comm002_trades.csv") else {
        return;
    };
    let run = sma_cross(&csv_bars(&path), 10, 20, (2, 1000), false);
    let text = std::fs::read_to_string(trades).unwrap();
    for (row, trip) in text.lines().skip(1).zip(&run.trips) {
        let cell: Vec<&str> = row.split(',').collect();
        let size = trip.side.sign() * trip.quantity.0;
        assert_eq!(size.to_string(), cell[0], "{row}");
        assert_eq!(trip.entry_time.0.to_string(), cell[1], "{row}");
        assert_eq!(trip.exit_time.0.to_string(), cell[2], "{row}");
        assert_eq!((trip.entry_price, trip.exit_price), (price(cell[3]), price(cell[4])), "{row}");
        assert!((trip.fees.as_f64() - cell[6].parse::<f64>().unwrap()).abs() < 1e-6, "{row}");
        assert!((trip.net().as_f64() - cell[5].parse::<f64>().unwrap()).abs() < 1e-6, "{row}");
        let ratio = cell[7].parse::<f64>().unwrap();
        assert!((trip.return_fraction() - ratio).abs() < 1e-10, "{row}");
    }
    assert_eq!(text.lines().count() - 1, run.trips.len());
}

/// The same route on a made price path, with numbers worked by hand.
#[test]
fn a_made_path_flips_by_hand_worked_numbers() {
    // Closes fall, then rise: fast 1, slow 2. Opens are what fills use.
    let closes = [10, 9, 8, 12, 14, 13, 10, 9];
    let opens = [10, 10, 9, 8, 11, 14, 12, 10];
    let bars: Vec<Bar> = opens.iter().zip(closes).map(|(o, c)| (o * NANO, c * NANO)).collect();
    let run = sma_cross(&bars, 1, 2, (0, 1), true);
    // Bar 3 crosses up → 909 lots at the open 11 of bar 4 (⌊10000/11⌋); bar 5 crosses down → sells
    // 909 at 12 (+909, equity 10909) and is short ⌊10909/12⌋ = 909; closed at the last open 10.
    assert_eq!(run.trips.len(), 2);
    assert_eq!(run.trips[0].gross, money("909"));
    assert_eq!((run.trips[1].quantity, run.trips[1].gross), (Lots(909), money("1818")));
    assert_eq!(run.equity, money("12727"));
}
