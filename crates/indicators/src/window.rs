//! Sums that do not drift, and the last `n` values.

/// A sum that carries its rounding error along (Knuth's TwoSum, as in Neumaier 1974).
///
/// `add(x)`: `s = high + x; b = s − high; e = (high − (s − b)) + (x − b); high = s; low = low + e`.
/// The sum is `high + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Compensated {
    high: f64,
    low: f64,
}

/// `a + b` and what its rounding lost.
#[inline]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let bb = s - a;
    (s, (a - (s - bb)) + (b - bb))
}

impl Compensated {
    /// Adds a value.
    #[inline]
    pub fn add(&mut self, x: f64) {
        let (s, e) = two_sum(self.high, x);
        self.high = s;
        self.low += e;
    }

    /// The sum.
    #[inline]
    #[must_use]
    pub fn value(self) -> f64 {
        self.high + self.low
    }

    /// The sum of two sums: TwoSum of the high parts gives `s, e`; the result is
    /// `s + (e + (a.low + b.low))`.
    #[inline]
    #[must_use]
    pub fn sum_with(self, other: Self) -> f64 {
        let (s, e) = two_sum(self.high, other.high);
        s + (e + (self.low + other.low))
    }
}

/// The sum of the last `n` values, in constant time and without drift.
///
/// Values fill blocks of `n`. When a block is full and the next value comes, the sums of its
/// suffixes are made from its last value to its first, each as a [`Compensated`] sum; the new
/// block keeps a running prefix. The window of `n` values that ends `k` values into a block is the
/// suffix of the block before it that starts at index `k`, plus that prefix
/// ([`Compensated::sum_with`]); at the end of a block it is the prefix alone. So a sum depends on
/// the `n` values of its window only: nothing is ever subtracted, and nothing old lives on.
#[derive(Clone, Debug)]
pub struct WindowSum {
    block: Box<[f64]>,
    suffixes: Box<[Compensated]>,
    prefix: Compensated,
    /// Values in the current block.
    filled: usize,
    /// Whether a whole block lies before the current one.
    turned: bool,
}

impl WindowSum {
    /// A window of `n` values (at least 1).
    #[must_use]
    pub fn new(n: usize) -> Self {
        let n = n.max(1);
        Self {
            block: vec![0.0; n].into(),
            suffixes: vec![Compensated::default(); n].into(),
            prefix: Compensated::default(),
            filled: 0,
            turned: false,
        }
    }

    /// Takes a finite value; gives the sum once `n` values are there.
    #[inline]
    pub fn push(&mut self, x: f64) -> Option<f64> {
        if self.filled == self.block.len() {
            let mut sum = Compensated::default();
            for (suffix, value) in self.suffixes.iter_mut().zip(&self.block).rev() {
                sum.add(*value);
                *suffix = sum;
            }
            self.prefix = Compensated::default();
            self.filled = 0;
            self.turned = true;
        }
        self.block[self.filled] = x;
        self.prefix.add(x);
        self.filled += 1;
        if self.filled == self.block.len() {
            return Some(self.prefix.value());
        }
        self.turned.then(|| self.suffixes[self.filled].sum_with(self.prefix))
    }
}

/// The last `n` values.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    values: Box<[f64]>,
    next: usize,
    full: bool,
}

impl Ring {
    pub(crate) fn new(n: usize) -> Self {
        Self { values: vec![0.0; n.max(1)].into(), next: 0, full: false }
    }

    /// Takes a value; gives the one that it pushed out.
    #[inline]
    pub(crate) fn push(&mut self, x: f64) -> Option<f64> {
        let out = std::mem::replace(&mut self.values[self.next], x);
        let was_full = self.full;
        self.next += 1;
        if self.next == self.values.len() {
            self.next = 0;
            self.full = true;
        }
        was_full.then_some(out)
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// From oldest to newest; meaningful once full.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        let (newer, older) = self.values.split_at(self.next);
        older.iter().chain(newer).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_sum_depends_on_its_window_only() {
        // A huge value passes through; a running sum would never be the same again.
        let mut sum = WindowSum::new(3);
        let inputs = [0.1, 0.2, 0.3, 1e17, 0.1, 0.2, 0.3, 0.1, 0.2];
        let sums: Vec<_> = inputs.iter().map(|&x| sum.push(x)).collect();
        assert_eq!(&sums[..2], &[None, None]);
        let exact = 0.6f64;
        assert_eq!(
            (sums[2], sums[6], sums[7], sums[8]),
            (Some(exact), Some(exact), Some(exact), Some(exact))
        );
    }

    #[test]
    fn integer_sums_are_exact_for_every_length() {
        for n in 1..40usize {
            let mut sum = WindowSum::new(n);
            for i in 0..200usize {
                let x = ((i * 7919) % 1013) as f64;
                let expected: usize = (0..=i).rev().take(n).map(|j| (j * 7919) % 1013).sum();
                let got = sum.push(x);
                assert_eq!(got, (i + 1 >= n).then_some(expected as f64), "n {n} i {i}");
            }
        }
    }

    #[test]
    fn a_ring_gives_its_values_from_oldest_to_newest() {
        let mut ring = Ring::new(3);
        let out: Vec<_> = (1..=5).map(|i| ring.push(f64::from(i))).collect();
        assert_eq!(out, [None, None, None, Some(1.0), Some(2.0)]);
        assert!(ring.is_full());
        assert_eq!(ring.iter().collect::<Vec<_>>(), [3.0, 4.0, 5.0]);
    }
}
