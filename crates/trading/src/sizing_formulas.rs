//! Position sizing formulas on plain numbers, for research and for strategies.

/// ⌊f · equity / price⌋ units: a fixed fraction of equity.
///
/// `None` when an argument is not finite, the price not above zero, or fraction or equity below 0.
#[must_use]
pub fn fixed_fraction(fraction: f64, equity: f64, price: f64) -> Option<f64> {
    let valid = fraction >= 0.0 && equity >= 0.0 && price > 0.0;
    let units = (fraction * equity / price).floor();
    (valid && units.is_finite()).then_some(units)
}

/// ⌊f · equity / |entry − stop|⌋ units: a fixed fraction of equity is lost at the stop.
///
/// `None` as for [`fixed_fraction`], or when the stop is at the entry.
#[must_use]
pub fn fixed_fraction_risk(fraction: f64, equity: f64, entry: f64, stop: f64) -> Option<f64> {
    fixed_fraction(fraction, equity, (entry - stop).abs())
}

/// p − q/b: the share of capital that grows fastest on a bet won with probability `p` at odds `b`
/// to one (Kelly 1956).
///
/// `None` when `p` is no probability or `b` not above zero. Negative: do not bet.
#[must_use]
pub fn kelly_fraction(p: f64, b: f64) -> Option<f64> {
    ((0.0..=1.0).contains(&p) && b > 0.0 && b.is_finite()).then(|| p - (1.0 - p) / b)
}

/// μ/σ²: the continuous Kelly fraction for returns of this mean and variance per period.
///
/// `None` when the variance is not above zero or the mean not finite.
#[must_use]
pub fn kelly_continuous(mean: f64, variance: f64) -> Option<f64> {
    (variance > 0.0 && variance.is_finite() && mean.is_finite()).then(|| mean / variance)
}

/// Annualised sample deviation (n − 1) of the simple returns of `closes`, summed from first to
/// last.
///
/// `None` with fewer than two returns or a close that is not above zero and finite.
#[must_use]
pub fn realized_volatility(closes: &[f64], periods_per_year: f64) -> Option<f64> {
    let n = closes.len().checked_sub(1).filter(|&n| n >= 2)? as f64;
    if !closes.iter().all(|c| *c > 0.0 && c.is_finite()) || periods_per_year <= 0.0 {
        return None;
    }
    let returns = || closes.windows(2).map(|w| w[1] / w[0] - 1.0);
    let mean = returns().sum::<f64>() / n;
    let squares = returns().map(|r| (r - mean) * (r - mean)).sum::<f64>();
    Some((squares / (n - 1.0)).sqrt() * periods_per_year.sqrt())
}

/// min(σ*/σ̂, cap): the leverage that brings realised to target volatility.
///
/// `None` when the realised volatility is not above zero or the target or cap negative.
#[must_use]
pub fn volatility_target(target: f64, realized: f64, cap: f64) -> Option<f64> {
    let valid = realized > 0.0 && realized.is_finite() && target >= 0.0 && cap >= 0.0;
    valid.then(|| (target / realized).min(cap))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// simulation.md, "Sizing": kelly "(.6, 1 → .2)", continuous μ/σ²; "closes 29…48 → σ̂ =
    /// .0648289100 with ddof 1, √252", capped; fixed_fraction, and by risk f·equity/|entry − stop|.
    #[test]
    fn formulas_give_the_published_numbers() {
        assert!((kelly_fraction(0.6, 1.0).unwrap() - 0.2).abs() < 1e-15);
        let closes: Vec<f64> = (29..=48).map(f64::from).collect();
        let volatility = realized_volatility(&closes, 252.0).unwrap();
        assert!((volatility - 0.064_828_910_0).abs() < 5e-11, "{volatility:.12}");
        assert_eq!(volatility_target(0.1, 0.05, 1.5), Some(1.5));
        assert_eq!(volatility_target(0.1, 0.2, 1.5), Some(0.5));
        assert_eq!(fixed_fraction(0.02, 10_000.0, 48.0), Some(4.0));
        assert_eq!(fixed_fraction_risk(0.02, 10_000.0, 48.0, 45.0), Some(66.0));
        assert_eq!(kelly_continuous(0.01, 0.04), Some(0.25));
    }

    #[test]
    fn nonsense_has_no_size() {
        assert_eq!(fixed_fraction(0.1, 1000.0, 0.0), None);
        assert_eq!(fixed_fraction(f64::NAN, 1000.0, 1.0), None);
        assert_eq!(fixed_fraction_risk(0.1, 1000.0, 5.0, 5.0), None);
        assert_eq!(kelly_fraction(1.2, 1.0), None);
        assert_eq!(kelly_continuous(0.1, 0.0), None);
        assert_eq!(realized_volatility(&[1.0, 2.0], 252.0), None);
        assert_eq!(realized_volatility(&[1.0, 0.0, 2.0], 252.0), None);
        assert_eq!(volatility_target(0.1, 0.0, 1.0), None);
    }
}
