//! Exact decimals: text to fixed point with nine digits after the point, and back.

use crate::error::ModelError;

/// Parses a decimal text (`-12.5`, `1e-3`, `.25`) into units of 1e-9, exactly.
///
/// # Errors
/// [`ModelError::NotANumber`] when the text is no decimal number or has a non-zero digit after
/// the ninth decimal place; [`ModelError::OutOfRange`] when it does not fit an `i128`.
pub fn parse_nanos(text: &str) -> Result<i128, ModelError> {
    let bad = || ModelError::NotANumber { text: text.chars().take(40).collect() };
    let range = || ModelError::OutOfRange { what: "number", text: text.chars().take(40).collect() };
    let bytes = text.trim().as_bytes();
    let (negative, mut rest) = match bytes.first() {
        Some(b'-') => (true, &bytes[1..]),
        Some(b'+') => (false, &bytes[1..]),
        Some(_) => (false, bytes),
        None => return Err(bad()),
    };
    let mut exponent: i32 = 0;
    if let Some(at) = rest.iter().position(|b| matches!(b, b'e' | b'E')) {
        let text = std::str::from_utf8(&rest[at + 1..]).map_err(|_| bad())?;
        exponent = text.parse::<i32>().map_err(|_| bad())?;
        if exponent.unsigned_abs() > 60 {
            return Err(range());
        }
        rest = &rest[..at];
    }
    let mut value: i128 = 0;
    let mut digits = 0usize;
    let mut decimals: i32 = 0;
    let mut point = false;
    for &b in rest {
        match b {
            b'0'..=b'9' => {
                digits += 1;
                if point {
                    decimals += 1;
                }
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i128::from(b - b'0')))
                    .ok_or_else(range)?;
            }
            b'.' if !point => point = true,
            _ => return Err(bad()),
        }
    }
    if digits == 0 {
        return Err(bad());
    }
    let mut shift = 9 - decimals + exponent;
    while shift > 0 {
        value = value.checked_mul(10).ok_or_else(range)?;
        shift -= 1;
    }
    while shift < 0 {
        if value % 10 != 0 {
            return Err(bad());
        }
        value /= 10;
        shift += 1;
    }
    Ok(if negative { -value } else { value })
}

/// Writes units of 1e-9 as the shortest exact decimal text.
#[must_use]
pub fn format_nanos(value: i128) -> String {
    let magnitude = value.unsigned_abs();
    let whole = magnitude / 1_000_000_000;
    let fraction = magnitude % 1_000_000_000;
    let sign = if value < 0 { "-" } else { "" };
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let digits = format!("{fraction:09}");
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// `a · b / c`, rounded half to even.
///
/// # Errors
/// [`ModelError::Overflow`] when the product leaves `i128` or `c` is zero.
pub fn mul_div_half_even(
    a: i128,
    b: i128,
    c: i128,
    what: &'static str,
) -> Result<i128, ModelError> {
    let overflow = ModelError::Overflow { what };
    let product = a.checked_mul(b).ok_or(overflow.clone())?;
    if c == 0 {
        return Err(overflow);
    }
    let quotient = product / c;
    let remainder = product % c;
    if remainder == 0 {
        return Ok(quotient);
    }
    let away = if (product < 0) == (c < 0) { 1 } else { -1 };
    let twice = remainder.unsigned_abs().checked_mul(2).ok_or(overflow)?;
    let divisor = c.unsigned_abs();
    Ok(match twice.cmp(&divisor) {
        std::cmp::Ordering::Greater => quotient + away,
        std::cmp::Ordering::Equal if quotient % 2 != 0 => quotient + away,
        _ => quotient,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_people_write() {
        for (text, nanos) in [
            ("0.1", 100_000_000),
            ("-12.5", -12_500_000_000),
            (".25", 250_000_000),
            ("1e-3", 1_000_000),
            ("4800", 4_800_000_000_000),
            ("1.0000000000", 1_000_000_000),
        ] {
            assert_eq!(parse_nanos(text), Ok(nanos), "{text}");
        }
        for text in ["", "-", "1.2.3", "abc", "0.0000000001", "1e", "NaN"] {
            assert!(parse_nanos(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formats_back() {
        for text in ["0", "0.1", "-12.5", "4801.25", "0.000000001"] {
            assert_eq!(format_nanos(parse_nanos(text).unwrap()), text);
        }
    }

    #[test]
    fn half_goes_to_even() {
        for (a, expected) in [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2), (7, 4)] {
            assert_eq!(mul_div_half_even(a, 1, 2, "test"), Ok(expected), "{a}/2");
        }
    }
}
