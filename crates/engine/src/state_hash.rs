//! The state hash: SHA-256 over what happened, so that two runs can be told apart or found equal.

use model::{Fill, Report, ReportKind};
use sha2::{Digest, Sha256};

/// Version of the record below; it is hashed first.
pub const STATE_HASH_VERSION: u8 = 1;

/// One running hash over little-endian records of 64 bytes: tag, order, time and five numbers.
#[derive(Clone, Debug)]
pub struct StateHasher {
    sha: Sha256,
    records: u64,
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
}

impl StateHasher {
    /// A hash of one side, named so that sides cannot be swapped.
    #[must_use]
    pub fn new(side: &str) -> Self {
        let mut sha = Sha256::new();
        sha.update([STATE_HASH_VERSION]);
        sha.update((side.len() as u64).to_le_bytes());
        sha.update(side.as_bytes());
        Self { sha, records: 0 }
    }

    /// Adds a record.
    pub fn record(&mut self, tag: HashTag, order: u64, time: u64, values: [i64; 5]) {
        let mut bytes = [0u8; 64];
        bytes[0] = tag as u8;
        bytes[8..16].copy_from_slice(&order.to_le_bytes());
        bytes[16..24].copy_from_slice(&time.to_le_bytes());
        for (at, value) in values.iter().enumerate() {
            bytes[24 + at * 8..32 + at * 8].copy_from_slice(&value.to_le_bytes());
        }
        self.sha.update(bytes);
        self.records += 1;
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
        }
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

    /// The 32 bytes so far.
    #[must_use]
    pub fn finish(&self) -> [u8; 32] {
        let mut sha = self.sha.clone();
        sha.update(self.records.to_le_bytes());
        sha.finalize().into()
    }
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
