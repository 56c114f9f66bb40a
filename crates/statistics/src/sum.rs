//! Sums with one fixed tree.

/// Sum of `f(i)` for `i` in `from..to`: up to eight terms from left to right beginning with the
/// first, more as the sum of the two halves, the left one `⌊n/2⌋` long. The rounding error grows
/// with log n, and the tree is the same everywhere.
pub fn sum_by(from: usize, to: usize, f: &impl Fn(usize) -> f64) -> f64 {
    let n = to.saturating_sub(from);
    if n <= 8 {
        return (from..to).map(f).reduce(|a, b| a + b).unwrap_or(0.0);
    }
    let middle = from + n / 2;
    sum_by(from, middle, f) + sum_by(middle, to, f)
}

/// Sum of the values over the tree of [`sum_by`]; 0 of none.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    sum_by(0, values.len(), &|i| values[i])
}

/// Mean; `None` of none.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| sum(values) / values.len() as f64)
}

/// Mean of `(x − mean)^power`; `None` of none.
pub(crate) fn central_moment(values: &[f64], power: i32) -> Option<f64> {
    let m = mean(values)?;
    let of = |i: usize| {
        let d = values[i] - m;
        (1..power).fold(d, |product, _| product * d)
    };
    Some(sum_by(0, values.len(), &of) / values.len() as f64)
}

/// The values that are there, in order.
pub(crate) fn present(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| v.is_finite()).collect()
}

/// A value that is a number.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_the_documented_one() {
        let v: Vec<f64> = (1..=11).map(|i| 0.1 * f64::from(i)).collect();
        let left = (((v[0] + v[1]) + v[2]) + v[3]) + v[4];
        let right = ((((v[5] + v[6]) + v[7]) + v[8]) + v[9]) + v[10];
        assert_eq!(sum(&v), left + right);
        assert_eq!((sum(&[]), sum(&[2.5]), mean(&[])), (0.0, 2.5, None));
    }

    #[test]
    fn integers_are_exact_at_every_length() {
        for n in 0..200 {
            let v: Vec<f64> = (0..n).map(f64::from).collect();
            assert_eq!(sum(&v), f64::from(n * (n - 1) / 2));
        }
    }
}
