//! The state hash: SHA-256 over what happened, so that two runs can be told apart or found equal.
//!
//! A record is one byte that says what happened, followed by seven numbers in LEB128 (seven bits a
//! byte, the least significant first, signed ones in zigzag): the order, the time since the record
//! before, and five numbers of its kind. Most of them are small, so that a record takes some 12
//! bytes rather than 64, and hashing, which costs a processor without instructions for it half a
//! microsecond for 64 bytes, is no part of an order's price.

use crate::cash_events::CashChange;
use crate::command::OrderTerms;
use model::{Condition, Fill, OrderId, Report, ReportKind, TrailOffset};
use sha2::{Digest, Sha256};

/// Version of the record below; it is hashed first.
pub const STATE_HASH_VERSION: u8 = 2;

/// Longest record: its tag and seven numbers of ten bytes.
const LONGEST: usize = 1 + 7 * 10;

/// Bytes that wait to be hashed together.
const WAITING: usize = 512;

/// One running hash of one side.
#[derive(Clone, Debug)]
pub struct StateHasher {
    sha: Sha256,
    records: u64,
    /// Time of the last record.
    last: u64,
    waiting: [u8; WAITING],
    filled: usize,
}

/// What a record is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum HashTag {
    /// An order was submitted.
    Submitted = 1,
    /// An order was denied.
    Denied = 2,
    /// An order was accepted.
    Accepted = 3,
    /// An order was rejected.
    Rejected = 4,
    /// An order was filled.
    Filled = 5,
    /// An order was changed.
    Modified = 6,
    /// A change was refused.
    ModifyRejected = 7,
    /// An order was cancelled.
    Canceled = 8,
    /// A cancel was refused.
    CancelRejected = 9,
    /// An account changed.
    Account = 10,
    /// An order came into the market.
    Triggered = 11,
    /// The venue changed an order on its own account.
    Restated = 12,
    /// What an order waits for.
    Trigger = 13,
    /// What an order hangs together with, and how much of it is shown.
    Links = 14,
    /// Cash moved that no fill brought.
    Cash = 15,
}

impl StateHasher {
    /// A hash of one side, named so that sides cannot be swapped.
    #[must_use]
    pub fn new(side: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update([STATE_HASH_VERSION]);
        sha.update((side.len() as u64).to_le_bytes());
        sha.update(side.as_bytes());
        Self { sha, records: 0, last: 0, waiting: [0; WAITING], filled: 0 }
    }

    /// Adds a record.
    pub fn record(&mut self, tag: HashTag, order: u64, time: u64, values: [i64; 5]) {
        if self.filled + LONGEST > WAITING {
            self.sha.update(&self.waiting[..self.filled]);
            self.filled = 0;
        }
        self.put(tag as u8);
        self.number(order);
        // A report may be older than the one before it: the difference has a sign.
        self.number(zigzag(time.wrapping_sub(self.last) as i64));
        self.last = time;
        for value in values {
            self.number(zigzag(value));
        }
        self.records += 1;
    }

    #[inline(always)]
    fn put(&mut self, byte: u8) {
        self.waiting[self.filled & (WAITING - 1)] = byte;
        self.filled += 1;
    }

    #[inline(always)]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.put(number as u8 | 0x80);
            number >>= 7;
        }
        self.put(number as u8);
    }

    /// Adds a report with the time at which this side learned of it.
    pub fn report(&mut self, report: &Report, time: u64) {
        let instrument = i64::from(report.instrument.0);
        let order = report.order.0;
        match report.kind {
            ReportKind::Denied(reason) => {
                self.record(HashTag::Denied, order, time, [instrument, reason as i64, 0, 0, 0]);
            }
            ReportKind::Accepted => {
                self.record(HashTag::Accepted, order, time, [instrument, 0, 0, 0, 0]);
            }
            ReportKind::Rejected(reason) => {
                self.record(HashTag::Rejected, order, time, [instrument, reason as i64, 0, 0, 0]);
            }
            ReportKind::Filled(fill) => self.fill(&fill, time),
            ReportKind::Modified { quantity, price } => {
                self.record(
                    HashTag::Modified,
                    order,
                    time,
                    [instrument, quantity.0, price.0, 0, 0],
                );
            }
            ReportKind::ModifyRejected(reason) => {
                let values = [instrument, reason as i64, 0, 0, 0];
                self.record(HashTag::ModifyRejected, order, time, values);
            }
            ReportKind::Canceled { leaves, reason } => {
                let values = [instrument, leaves.0, reason as i64, 0, 0];
                self.record(HashTag::Canceled, order, time, values);
            }
            ReportKind::CancelRejected(reason) => {
                let values = [instrument, reason as i64, 0, 0, 0];
                self.record(HashTag::CancelRejected, order, time, values);
            }
            ReportKind::Triggered { price } => {
                self.record(HashTag::Triggered, order, time, [instrument, price.0, 0, 0, 0]);
            }
            ReportKind::Restated { quantity, price } => {
                let values = [instrument, quantity.0, price.0, 0, 0];
                self.record(HashTag::Restated, order, time, values);
            }
        }
    }

    /// Adds the rarer terms of an order that leaves its strategy.
    pub fn terms(&mut self, order: OrderId, time: u64, terms: &OrderTerms) {
        let Condition { trigger, expires, links } = terms.condition;
        if let Some(trigger) = trigger {
            let (offset, limit) = match trigger.trail {
                None => ([0, 0], 0),
                Some(trail) => {
                    let offset = match trail.offset {
                        TrailOffset::Price(price) => [1, price.0],
                        TrailOffset::Bps(bps) => [2, bps],
                    };
                    (offset, trail.limit_offset.map_or(0, |ticks| ticks.0))
                }
            };
            let head = (trigger.kind as i64) << 8 | trigger.source as i64;
            let values = [head, trigger.price.0, offset[0], offset[1], limit];
            self.record(HashTag::Trigger, order.0, time, values);
        }
        let group = links.group.map_or([0, 0], |(first, kind)| [first.0 as i64, 1 + kind as i64]);
        let counts = i64::from(links.children) << 8 | i64::from(links.peers);
        let parent = links.parent.map_or(0, |parent| parent.0 as i64);
        let head = group[1] << 16 | counts;
        self.record(
            HashTag::Links,
            order.0,
            time,
            [head, parent, group[0], terms.display.0, {
                let expires = expires.map_or(0, |at| at.0 as i64);
                expires << 1 | i64::from(terms.reduce_only)
            }],
        );
    }

    fn fill(&mut self, fill: &Fill, time: u64) {
        let side_and_liquidity = (fill.side as i64) << 1 | fill.liquidity as i64;
        let head = i64::from(fill.instrument.0) << 8 | side_and_liquidity;
        let fee = fill.fee.0 as i64;
        let values = [head, fill.quantity.0, fill.price.0, fill.leaves.0, fee];
        self.record(HashTag::Filled, fill.order.0, time, values);
    }

    /// Adds the account as it is after a change.
    pub fn account(
        &mut self,
        time: u64,
        instrument: u32,
        position: i64,
        cash: i128,
        realized: i128,
    ) {
        let values =
            [position, cash as i64, (cash >> 64) as i64, realized as i64, (realized >> 64) as i64];
        self.record(HashTag::Account, u64::from(instrument), time, values);
    }

    /// Adds cash that no fill brought, with the time at which this side learned of it.
    pub fn cash(&mut self, change: &CashChange, time: u64) {
        let amount = change.amount.0;
        let head = i64::from(change.instrument.0) << 8 | change.kind as i64;
        let values =
            [head, change.quantity.0, change.price.0, amount as i64, (amount >> 64) as i64];
        self.record(HashTag::Cash, change.account as u64, time, values);
    }

    /// The 32 bytes so far.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        let mut sha = self.sha.clone();
        sha.update(&self.waiting[..self.filled]);
        sha.update(self.records.to_le_bytes());
        sha.finalize().into()
    }
}

/// Small numbers of either sign as small numbers without one.
#[inline(always)]
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// The hash of a run: that of its sides' hashes, in order, as 64 hex digits.
#[must_use]
pub fn combine(sides: &[[u8; 32]]) -> String {
    let mut sha = Sha256::new();
    sha.update([STATE_HASH_VERSION]);
    for side in sides {
        sha.update(side);
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same bytes, written down without a thought for speed.
    fn plainly(side: &str, records: &[(u8, u64, u64, [i64; 5])]) -> [u8; 32] {
        let mut bytes = vec![STATE_HASH_VERSION];
        bytes.extend((side.len() as u64).to_le_bytes());
        bytes.extend(side.as_bytes());
        let mut last = 0u64;
        let number = |bytes: &mut Vec<u8>, mut value: u128| loop {
            let low = (value % 128) as u8;
            value /= 128;
            bytes.push(if value > 0 { low + 128 } else { low });
            if value == 0 {
                break;
            }
        };
        let signed = |value: i64| {
            if value < 0 {
                (-i128::from(value) * 2 - 1) as u128
            } else {
                i128::from(value) as u128 * 2
            }
        };
        for (tag, order, time, values) in records {
            bytes.push(*tag);
            number(&mut bytes, u128::from(*order));
            number(&mut bytes, signed(time.wrapping_sub(last) as i64));
            last = *time;
            for value in values {
                number(&mut bytes, signed(*value));
            }
        }
        bytes.extend((records.len() as u64).to_le_bytes());
        Sha256::digest(&bytes).into()
    }

    #[test]
    fn records_are_hashed_as_documented_whatever_their_numbers() {
        let odd = [0, 1, -1, 63, 64, -64, -65, 8191, i64::MAX, i64::MIN, 1 << 40];
        let records: Vec<_> = (0..300u64)
            .map(|k| {
                let pick = |at: u64| odd[(k * 7 + at * 3) as usize % odd.len()];
                let time = if k % 50 == 7 { u64::MAX } else { 1_700_000_000_000_000_000 + k * k };
                let order = if k % 9 == 0 { u64::MAX } else { k };
                (HashTag::Modified as u8, order, time, [0, 1, 2, 3, 4].map(pick))
            })
            .collect();
        let mut hasher = StateHasher::new("venue");
        for (count, (_, order, time, values)) in records.iter().enumerate() {
            assert_eq!(hasher.finish(), plainly("venue", &records[..count]));
            hasher.record(HashTag::Modified, *order, *time, *values);
        }
        assert_eq!(hasher.finish(), plainly("venue", &records));
    }

    #[test]
    fn one_differing_number_gives_another_hash() {
        let hash = |value| {
            let mut hasher = StateHasher::new("venue");
            hasher.record(HashTag::Accepted, 1, 2, [value, 0, 0, 0, 0]);
            hasher.finish()
        };
        assert_eq!(hash(1), hash(1));
        assert_ne!(hash(1), hash(2));
        assert_ne!(StateHasher::new("venue").finish(), StateHasher::new("a").finish());
        assert_eq!(combine(&[hash(1), hash(2)]).len(), 64);
        assert_ne!(combine(&[hash(1), hash(2)]), combine(&[hash(2), hash(1)]));
    }
}
