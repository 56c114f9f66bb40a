//! When things happen in a generated market: bursts, and the latency of the feed. Integers only.

use model::random::SeededRandom;

/// An exponentially distributed draw of mean about 1, in units of 1/65,536: −ln u with the
/// logarithm of the mantissa replaced by its chord.
pub(super) fn exponential(random: &mut SeededRandom) -> u64 {
    let bits = random.next_u64() | 1;
    let zeros = bits.leading_zeros();
    let mantissa = (bits << zeros << 1) >> 48;
    let log2 = (u64::from(zeros) + 1) * 65_536 - mantissa;
    // ln 2 in 1/65,536, less the chord's bias of 4 %.
    (log2 * 43_691) >> 16
}

/// Times of events (clustered) and of their receipt (late, in order).
#[derive(Clone, Debug)]
pub(super) struct Timing {
    /// Exchange time in ns.
    pub now: u64,
    received: u64,
    pace: u64,
    in_burst: bool,
}

impl Timing {
    pub fn new(start: u64) -> Self {
        Self { now: start, received: start, pace: 1, in_burst: false }
    }

    /// Spreads this many records over the time until `end`.
    pub fn set_pace(&mut self, end: u64, records: u64) {
        self.pace = (end.saturating_sub(self.now) / records.max(1)).max(1);
    }

    /// Jumps to a time that is not before now.
    pub fn jump(&mut self, to: u64) {
        self.now = self.now.max(to);
        self.received = self.received.max(self.now);
    }

    /// Advances to the next event after one of `records` records; whether it lies in a burst.
    /// Three quarters of all events come in bursts, 64 times as fast as the mean.
    pub fn advance(&mut self, random: &mut SeededRandom, records: u64) -> bool {
        let draw = random.next_u64();
        let leave = if self.in_burst { draw.is_multiple_of(24) } else { draw.is_multiple_of(8) };
        self.in_burst ^= leave;
        let mean = self.pace.saturating_mul(records);
        let mean = if self.in_burst { mean / 64 } else { mean.saturating_mul(4) };
        let gap = ((u128::from(mean) * u128::from(exponential(random))) >> 16) as u64;
        self.now = self.now.saturating_add(gap.max(1));
        self.in_burst
    }

    /// Receive time of a packet sent now: 79 µs after the exchange time at least, 119 µs at the
    /// median, milliseconds now and then, never before the packet before it.
    pub fn receive(&mut self, random: &mut SeededRandom) -> u64 {
        let mut latency = 79_000 + ((exponential(random) * 57_700) >> 16);
        if random.below(64) == 0 {
            latency += (exponential(random) * 1_200_000) >> 16;
        }
        self.received = self.received.max(self.now.saturating_add(latency));
        self.received
    }

    /// Receive time of the packet that follows within the same event, about 10 µs later.
    pub fn receive_next(&mut self, random: &mut SeededRandom) -> u64 {
        self.received += 8_500 + random.below(4_000);
        self.received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_mean_one_and_latency_has_its_floor_and_median() {
        let mut random = SeededRandom::new(1, "clock");
        let mean = (0..100_000).map(|_| exponential(&mut random)).sum::<u64>() / 100_000;
        assert!((64_000..67_000).contains(&mean), "{mean}");
        let mut latencies: Vec<u64> = (0..10_001)
            .map(|k| {
                let at = k * 1_000_000_000;
                let mut timing = Timing::new(at);
                timing.receive(&mut random) - at
            })
            .collect();
        latencies.sort_unstable();
        assert!(latencies[0] >= 79_000);
        assert!((110_000..128_000).contains(&latencies[5_000]), "{}", latencies[5_000]);
        assert!(*latencies.last().unwrap_or(&0) > 1_000_000);
    }
}
