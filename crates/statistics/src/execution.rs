//! How orders fared: for runs too short for ratios.

use crate::sum::{finite, sum_by};

/// Filled lots ÷ lots asked for; `None` when nothing was asked for.
#[must_use]
pub fn fill_ratio(filled: f64, asked: f64) -> Option<f64> {
    if asked > 0.0 { finite(filled / asked) } else { None }
}

/// Profit per lot traded; `None` when nothing was traded.
#[must_use]
pub fn per_lot(profit: f64, lots: f64) -> Option<f64> {
    if lots > 0.0 { finite(profit / lots) } else { None }
}

/// Profit per million traded; `None` when nothing was traded.
#[must_use]
pub fn per_million(profit: f64, turnover: f64) -> Option<f64> {
    if turnover > 0.0 { finite(profit / turnover * 1e6) } else { None }
}

/// Mean mark-out per unit: sign · (mid some time after − fill price), sign +1 for a buy, weighted
/// by quantity. Rows are (sign, fill price, later mid, quantity); rows whose mid is missing
/// (`NaN`) are left out. `None` of none.
#[must_use]
pub fn mean_mark_out(fills: &[(f64, f64, f64, f64)]) -> Option<f64> {
    let known: Vec<_> = fills.iter().filter(|f| f.2.is_finite()).collect();
    let gain = |i: usize| {
        let &(sign, price, mid, quantity) = known[i];
        sign * (mid - price) * quantity
    };
    let weight = sum_by(0, known.len(), &|i| known[i].3);
    if weight > 0.0 { finite(sum_by(0, known.len(), &gain) / weight) } else { None }
}

/// Mean half-spread captured per unit: sign · (mid at the fill − fill price), weighted by
/// quantity. Rows as in [`mean_mark_out`] with the mid at the moment of the fill.
#[must_use]
pub fn mean_spread_captured(fills: &[(f64, f64, f64, f64)]) -> Option<f64> {
    mean_mark_out(fills)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_runs_are_measured_per_unit() {
        assert_eq!(fill_ratio(3.0, 4.0), Some(0.75));
        assert_eq!(per_lot(30.0, 4.0), Some(7.5));
        assert_eq!(per_million(5.0, 2e6), Some(2.5));
        assert_eq!(
            (fill_ratio(0.0, 0.0), per_lot(1.0, 0.0), per_million(1.0, 0.0)),
            (None, None, None)
        );
        // A buy at 10 with the mid at 11 gains 1; a sale of three at 10 with the mid at 10.5 loses.
        let fills = [(1.0, 10.0, 11.0, 1.0), (-1.0, 10.0, 10.5, 3.0), (1.0, 1.0, f64::NAN, 9.0)];
        assert_eq!(mean_mark_out(&fills), Some(-0.125));
        assert_eq!(mean_spread_captured(&fills[..1]), Some(1.0));
        assert_eq!(mean_mark_out(&fills[2..]), None);
    }
}
