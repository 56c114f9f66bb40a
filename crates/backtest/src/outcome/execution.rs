//! How own orders fared: what their fills rest on, captured spread, where the market went after.

use super::types::{Execution, MarkOut};
use engine::Run;
use engine::mark_outs::HORIZONS;
use engine::recorder::FillRecord;
use model::{FillBasis, InstrumentIndex, LiquiditySide, Price};
use statistics::{mean_mark_out, mean_spread_captured};

/// Of the fills in one instrument.
pub(super) fn execution(run: &Run, instrument: InstrumentIndex) -> Execution {
    let recorder = run.recorder();
    let lot = run.instruments()[instrument.index()].lot_size.as_f64();
    let mut outcome = Execution::default();
    let (mut at_fill, mut makers) = (Vec::new(), Vec::new());
    let mut later: [Vec<Row>; HORIZONS.len()] = Default::default();
    let of_instrument = |(_, record): &(usize, &FillRecord)| record.fill.instrument == instrument;
    for (at, record) in recorder.fills.iter().enumerate().filter(of_instrument) {
        let fill = &record.fill;
        match fill.basis {
            FillBasis::Taken => outcome.taken += 1,
            FillBasis::Touch => outcome.touch += 1,
            FillBasis::Queue => outcome.queue += 1,
            FillBasis::Through => outcome.through += 1,
        }
        let row = |middle: f64| -> Row {
            (fill.side.sign() as f64, fill.price.as_f64(), middle, fill.quantity.0 as f64 * lot)
        };
        makers.push(fill.liquidity == LiquiditySide::Maker);
        let bbo = record.bbo;
        let grid = &run.instruments()[instrument.index()].grid;
        let middle = if bbo.is_two_sided() {
            f64::midpoint(grid.price(bbo.bid).as_f64(), grid.price(bbo.ask).as_f64())
        } else {
            f64::NAN
        };
        at_fill.push(row(middle));
        for (rows, middle) in later.iter_mut().zip(recorder.mark_outs.of(at)) {
            rows.push(row(known(middle)));
        }
    }
    outcome.captured_spread = mean_spread_captured(&at_fill);
    outcome.mark_outs = HORIZONS
        .iter()
        .zip(&later)
        .map(|(horizon, rows)| {
            let resting = rows.iter().zip(&makers).filter(|(_, maker)| **maker);
            let resting: Vec<Row> = resting.map(|(row, _)| *row).collect();
            MarkOut {
                seconds: horizon / 1_000_000_000,
                all: mean_mark_out(rows),
                makers: mean_mark_out(&resting),
            }
        })
        .collect();
    outcome
}

/// Sign, price, middle, quantity: what the formulas take.
type Row = (f64, f64, f64, f64);

fn known(price: Price) -> f64 {
    if price.is_defined() { price.as_f64() } else { f64::NAN }
}
