//! Digests by which two books, or two programs, are compared: the first 16 hexadecimal digits of
//! a SHA-256 over little-endian records.

use crate::l3::BookL3;
use model::{Bbo, PriceGrid, Side};
use sha2::{Digest, Sha256};

/// Bytes of one line of the BBO digest.
pub const BBO_LINE: usize = 32;

/// Bytes of one order of the FIFO digest.
pub const FIFO_LINE: usize = 20;

/// One line of the BBO digest, `<qqIIII`: best bid and ask price in 1e-9 (an empty side is
/// `i64::MAX`), bid size, ask size, bid count, ask count. Sizes above 2^32 − 1 are written as that.
#[must_use]
pub fn bbo_line(bbo: &Bbo, grid: &PriceGrid) -> [u8; BBO_LINE] {
    let mut line = [0u8; BBO_LINE];
    line[0..8].copy_from_slice(&grid.price(bbo.bid).0.to_le_bytes());
    line[8..16].copy_from_slice(&grid.price(bbo.ask).0.to_le_bytes());
    let sizes = [bbo.bid_size.0, bbo.ask_size.0].map(|s| u32::try_from(s).unwrap_or(u32::MAX));
    for (i, number) in [sizes[0], sizes[1], bbo.bid_count, bbo.ask_count].into_iter().enumerate() {
        line[16 + 4 * i..20 + 4 * i].copy_from_slice(&number.to_le_bytes());
    }
    line
}

/// The running digest of the best bid and offer: one [`bbo_line`] after every `LAST` record.
#[derive(Clone, Debug, Default)]
pub struct BboDigest {
    hash: Sha256,
    lines: u64,
}

impl BboDigest {
    /// A digest of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line.
    pub fn update(&mut self, bbo: &Bbo, grid: &PriceGrid) {
        self.hash.update(bbo_line(bbo, grid));
        self.lines += 1;
    }

    /// Lines taken so far.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> String {
        first_digits(&self.hash.finalize())
    }
}

/// The digest of every order of a book, `<qQI` (price in 1e-9, order id, size) each: bids from
/// high to low, then asks from low to high, each level in queue order.
#[must_use]
pub fn fifo_digest(book: &BookL3) -> String {
    let mut hash = Sha256::new();
    for side in [Side::Buy, Side::Sell] {
        for order in book.orders(side) {
            let mut line = [0u8; FIFO_LINE];
            line[0..8].copy_from_slice(&book.grid().price(order.price).0.to_le_bytes());
            line[8..16].copy_from_slice(&order.id.to_le_bytes());
            let size = u32::try_from(order.quantity.0).unwrap_or(u32::MAX);
            line[16..20].copy_from_slice(&size.to_le_bytes());
            hash.update(line);
        }
    }
    first_digits(&hash.finalize())
}

fn first_digits(hash: &[u8]) -> String {
    use std::fmt::Write;
    hash.iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
