//! Curves over time and histograms.

use super::lots;
use super::types::{Curve, HistogramBar, PriceCurve};
use engine::run::Run;
use model::UnixNanos;

pub(super) fn equity_curves(run: &Run) -> Vec<Curve> {
    let ledger = run.ledger();
    let mut curves: Vec<Curve> = (0..ledger.accounts())
        .map(|at| {
            let name = if ledger.is_shared() {
                "shared".to_owned()
            } else {
                run.strategies()[ledger.first_strategy(at).index()].name.clone()
            };
            Curve { name, ..Curve::default() }
        })
        .collect();
    for sample in &run.recorder().equity {
        let curve = &mut curves[sample.account];
        curve.time.push(UnixNanos(sample.ts).as_millis_f64());
        curve.equity.push(sample.equity.as_f64());
        curve.cash.push(sample.cash.as_f64());
    }
    curves
}

pub(super) fn price_curves(run: &Run) -> Vec<PriceCurve> {
    let mut curves: Vec<PriceCurve> = run
        .instruments()
        .iter()
        .map(|terms| PriceCurve { symbol: terms.symbol.clone(), ..PriceCurve::default() })
        .collect();
    for sample in &run.recorder().prices {
        let terms = &run.instruments()[sample.instrument.index()];
        let curve = &mut curves[sample.instrument.index()];
        curve.time.push(UnixNanos(sample.ts).as_millis_f64());
        curve.price.push(sample.price.as_f64());
        curve.position.push(lots(terms, sample.position));
    }
    curves
}

pub(super) fn histogram(histogram: &hdrhistogram::Histogram<u64>) -> Vec<HistogramBar> {
    // Bars double: 1 µs, 2 µs, 4 µs … cover nanoseconds to hours in a few dozen.
    let mut bars = Vec::new();
    let mut from = 0u64;
    for value in histogram.iter_log(1_000, 2.0) {
        let to = value.value_iterated_to();
        let count = value.count_since_last_iteration();
        if count > 0 {
            bars.push(HistogramBar { from, to, count });
        }
        from = to.saturating_add(1);
    }
    bars
}
