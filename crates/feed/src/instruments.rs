//! The instruments of a run.

use model::{Instrument, InstrumentIndex};
use std::collections::BTreeMap;

/// The instruments of a run in the order of their indices, looked up by symbol.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instruments {
    list: Vec<Instrument>,
    by_symbol: BTreeMap<String, InstrumentIndex>,
}

impl Instruments {
    /// Adds an instrument, or replaces the one of the same symbol; its index.
    pub fn insert(&mut self, instrument: Instrument) -> InstrumentIndex {
        if let Some(&index) = self.by_symbol.get(&instrument.symbol) {
            self.list[index.index()] = instrument;
            return index;
        }
        let index = InstrumentIndex(self.list.len() as u32);
        self.by_symbol.insert(instrument.symbol.clone(), index);
        self.list.push(instrument);
        index
    }

    /// Index of a symbol.
    #[must_use]
    pub fn index(&self, symbol: &str) -> Option<InstrumentIndex> {
        self.by_symbol.get(symbol).copied()
    }

    /// The instrument at an index.
    #[must_use]
    pub fn get(&self, index: InstrumentIndex) -> Option<&Instrument> {
        self.list.get(index.index())
    }

    /// All, in the order of their indices.
    #[must_use]
    pub fn as_slice(&self) -> &[Instrument] {
        &self.list
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl FromIterator<Instrument> for Instruments {
    fn from_iter<T: IntoIterator<Item = Instrument>>(iter: T) -> Self {
        let mut all = Self::default();
        for instrument in iter {
            all.insert(instrument);
        }
        all
    }
}
