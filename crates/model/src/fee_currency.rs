//! In which currency of a pair a venue takes its fees.

/// What a fee is taken from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum FeeCurrency {
    /// The currency of the price, on both sides.
    #[default]
    Quote,
    /// What the fill brings: of a purchase the base of the pair, of a sale the currency of the price.
    Received,
}

impl FeeCurrency {
    /// Parses the configuration's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "quote" => Self::Quote,
            "received" => Self::Received,
            _ => return None,
        })
    }

    /// The configuration's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Received => "received",
        }
    }
}
