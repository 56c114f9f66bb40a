//! Random numbers that repeat: one generator a consumer, derived from the run's seed and its name.

/// A seeded generator (SplitMix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
/// generators"). The same seed and name give the same draws on every machine.
#[derive(Clone, Debug)]
pub struct SeededRandom {
    state: u64,
}

/// Mixes 64 bits thoroughly (the finaliser of SplitMix64).
#[inline]
#[must_use]
pub const fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A draw in `[0, 1)` that depends on its arguments only: other settings cannot shift it.
#[inline]
#[must_use]
pub fn counter_draw(seed: u64, order: u64, visit: u64) -> f64 {
    unit(mix(mix(mix(seed) ^ order) ^ visit))
}

#[inline]
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

impl SeededRandom {
    /// The generator of a named consumer under a run's seed.
    #[must_use]
    pub fn new(seed: u64, consumer: &str) -> Self {
        // FNV-1a over the name.
        let name = consumer.bytes().fold(0xCBF2_9CE4_8422_2325u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3)
        });
        Self { state: mix(seed) ^ name }
    }

    /// 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let value = mix(self.state);
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        value
    }

    /// A number in `[0, 1)`.
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        unit(self.next_u64())
    }

    /// A whole number in `[0, bound)`; 0 when the bound is 0.
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_seeds_part_and_draws_repeat() {
        let draws = |seed, name| {
            let mut r = SeededRandom::new(seed, name);
            [r.next_u64(), r.next_u64(), r.next_u64()]
        };
        assert_eq!(draws(1, "latency"), draws(1, "latency"));
        assert_ne!(draws(1, "latency"), draws(1, "fill"));
        assert_ne!(draws(1, "latency"), draws(2, "latency"));
        assert_eq!(counter_draw(1, 2, 3), counter_draw(1, 2, 3));
        assert_ne!(counter_draw(1, 2, 3), counter_draw(1, 2, 4));
    }

    #[test]
    fn the_mean_is_a_half_and_bounds_hold() {
        let mut r = SeededRandom::new(7, "test");
        let mean = (0..100_000).map(|_| r.next_f64()).sum::<f64>() / 100_000.0;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        assert!((0..1000).all(|_| r.below(6) < 6));
    }
}
