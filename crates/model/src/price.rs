//! Prices and quantities as integers.

use crate::decimal::{format_nanos, parse_nanos};
use crate::error::ModelError;
use std::fmt;

/// Units of 1e-9 in one.
pub const NANO: i64 = 1_000_000_000;

macro_rules! nano_number {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// Zero.
            pub const ZERO: Self = Self(0);

            /// Parses an exact decimal text.
            ///
            /// # Errors
            /// [`ModelError::NotANumber`] or [`ModelError::OutOfRange`].
            pub fn parse(text: &str) -> Result<Self, ModelError> {
                i64::try_from(parse_nanos(text)?).map(Self).map_err(|_| ModelError::OutOfRange {
                    what: $what,
                    text: text.chars().take(40).collect(),
                })
            }

            /// The nearest number of 1e-9 to a floating-point number.
            ///
            /// # Errors
            /// [`ModelError::OutOfRange`] when it is not finite or does not fit.
            pub fn from_f64(value: f64) -> Result<Self, ModelError> {
                let scaled = value * 1e9;
                if !scaled.is_finite() || scaled.abs() >= 9.2e18 {
                    return Err(ModelError::OutOfRange { what: $what, text: value.to_string() });
                }
                Ok(Self(scaled.round() as i64))
            }

            /// The closest floating-point number (exact to the printed precision).
            #[inline]
            #[must_use]
            pub fn as_f64(self) -> f64 {
                self.0 as f64 / 1e9
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&format_nanos(i128::from(self.0)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

nano_number!(
    /// A price in units of 1e-9 of the quote currency: fill prices, bars and files.
    Price,
    "price"
);
nano_number!(
    /// A quantity in units of 1e-9: what files and people state, before it becomes [`Lots`].
    Quantity,
    "quantity"
);

impl Price {
    /// No price: an empty side of a book (DBN's undefined price).
    pub const UNDEFINED: Self = Self(i64::MAX);

    /// Whether this is a price at all.
    #[inline]
    #[must_use]
    pub const fn is_defined(self) -> bool {
        self.0 != i64::MAX
    }
}

/// A price in whole ticks of its instrument: order and book prices.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Ticks(pub i64);

impl Ticks {
    /// No price: an empty side of a book.
    pub const NONE: Self = Self(i64::MAX);

    /// Whether this is a price at all.
    #[inline]
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != i64::MAX
    }
}

/// A quantity in whole lots of its instrument.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(transparent)]
pub struct Lots(pub i64);

impl Lots {
    /// No lots.
    pub const ZERO: Self = Self(0);

    /// The smaller of two.
    #[inline]
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }

    /// Whether there is nothing.
    #[inline]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for Lots {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Lots {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::AddAssign for Lots {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::ops::SubAssign for Lots {
    fn sub_assign(&mut self, other: Self) {
        self.0 -= other.0;
    }
}
