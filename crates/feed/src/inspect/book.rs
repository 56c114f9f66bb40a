//! The book of one instrument while its records are counted.

use book::BookL3;
use book::digest::{BboDigest, fifo_digest};
use model::{Bbo, Mbo, PriceGrid, Side};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a book went through and how it ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BookInspection {
    /// Digest of the best bid and offer at every `LAST`.
    pub bbo_digest: String,
    /// How often price, size or count of the best bid or offer changed from `LAST` to `LAST`.
    pub bbo_changes: u64,
    /// How often one of the best prices changed.
    pub price_changes: u64,
    /// How often the book was crossed at a `LAST`.
    pub crossed: u64,
    /// Digest of all orders at the end.
    pub fifo_digest: String,
    /// Orders at the end.
    pub orders: u64,
    /// Price levels at the end.
    pub bid_levels: u64,
    /// Price levels at the end.
    pub ask_levels: u64,
    /// Best bid at the end.
    pub best_bid: Option<BestLevel>,
    /// Best ask at the end.
    pub best_ask: Option<BestLevel>,
    /// What a complete stream does not do, by name, where it happened.
    pub anomalies: BTreeMap<&'static str, u64>,
    /// The record that the book could not take; the book stays as it was before it.
    pub fault: Option<String>,
}

/// A best level.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BestLevel {
    /// Price.
    pub price: String,
    /// Size.
    pub size: i64,
    /// Orders.
    pub orders: u32,
}

/// A book being built.
pub(super) struct Building {
    book: BookL3,
    digest: BboDigest,
    last: Bbo,
    changes: u64,
    price_changes: u64,
    crossed: u64,
    fault: Option<String>,
}

impl Building {
    pub(super) fn new(grid: PriceGrid) -> Self {
        Self {
            book: BookL3::new(grid),
            digest: BboDigest::new(),
            last: Bbo::EMPTY,
            changes: 0,
            price_changes: 0,
            crossed: 0,
            fault: None,
        }
    }

    pub(super) fn apply(&mut self, record: Mbo<'_>) {
        if self.fault.is_some() {
            return;
        }
        if let Err(error) = self.book.apply(record) {
            self.fault = Some(format!("{}: {error} ({record:?})", error.code()));
            return;
        }
        if record.is_last() {
            let bbo = self.book.bbo();
            self.changes += u64::from(bbo != self.last);
            let prices = (bbo.bid, bbo.ask) != (self.last.bid, self.last.ask);
            self.price_changes += u64::from(prices);
            self.crossed += u64::from(bbo.is_two_sided() && bbo.bid > bbo.ask);
            self.digest.update(&bbo, self.book.grid());
            self.last = bbo;
        }
    }

    pub(super) fn finish(self) -> BookInspection {
        let book = &self.book;
        let bbo = book.bbo();
        let best = |ticks: model::Ticks, size: model::Lots, orders| {
            let price = book.grid().price(ticks);
            price.is_defined().then(|| BestLevel { price: price.to_string(), size: size.0, orders })
        };
        let anomalies = book.anomalies().named().into_iter().filter(|(_, count)| *count > 0);
        BookInspection {
            bbo_changes: self.changes,
            price_changes: self.price_changes,
            crossed: self.crossed,
            fifo_digest: fifo_digest(book),
            orders: (book.order_count(Side::Buy) + book.order_count(Side::Sell)) as u64,
            bid_levels: book.level_count(Side::Buy) as u64,
            ask_levels: book.level_count(Side::Sell) as u64,
            best_bid: best(bbo.bid, bbo.bid_size, bbo.bid_count),
            best_ask: best(bbo.ask, bbo.ask_size, bbo.ask_count),
            anomalies: anomalies.collect(),
            bbo_digest: self.digest.finish(),
            fault: self.fault,
        }
    }
}
