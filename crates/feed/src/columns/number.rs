//! Numbers of price files: exact decimals, rounded only beyond the ninth place.

use model::decimal::parse_nanos;

/// A number of a file in units of 1e-9.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Number {
    /// Units of 1e-9.
    pub nanos: i128,
    /// Whether digits beyond the ninth decimal place were rounded away (half to even).
    pub rounded: bool,
}

/// Parses a decimal text: exactly up to nine places, more are rounded half to even. `None` for
/// anything else (empty, `NaN`, infinities, separators) and beyond 1e29.
#[inline]
#[must_use]
pub fn parse(text: &[u8]) -> Option<Number> {
    if let Some(nanos) = parse_plain(text) {
        return Some(Number { nanos: i128::from(nanos), rounded: false });
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    if let Ok(nanos) = parse_nanos(text) {
        return Some(Number { nanos, rounded: false });
    }
    parse_long(text)
}

/// The usual case: at most 18 digits of which at most nine are decimals.
#[inline]
fn parse_plain(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text.first()? {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    if digits.len() > 19 {
        return None;
    }
    let (mut value, mut point, mut count) = (0i64, None, 0u32);
    for (k, &b) in digits.iter().enumerate() {
        match b {
            b'0'..=b'9' => {
                value = value * 10 + i64::from(b - b'0');
                count += 1;
            }
            b'.' if point.is_none() => point = Some(k),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |k| digits.len() - 1 - k);
    if count == 0 || decimals > 9 || count > 18 {
        return None;
    }
    let nanos = value.checked_mul(10i64.pow(9 - decimals as u32))?;
    Some(if negative { -nanos } else { nanos })
}

/// Digits beyond the ninth decimal place, with or without an exponent.
fn parse_long(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    if exponent.unsigned_abs() > 300 || mantissa.len() > 400 {
        return None;
    }
    let (negative, digits) = match mantissa.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let point = digits.iter().position(|&b| b == b'.').unwrap_or(digits.len());
    // Digits that stay: those before the point and nine after it, moved by the exponent.
    let keep = point as i64 + i64::from(exponent) + 9;
    let (mut value, mut seen, mut any) = (0i128, 0i64, false);
    let (mut half, mut rest) = (0u8, false);
    for (k, &b) in digits.iter().enumerate() {
        if k == point {
            continue;
        }
        if !b.is_ascii_digit() {
            return None;
        }
        any = true;
        match seen.cmp(&keep) {
            std::cmp::Ordering::Less => {
                value = value.checked_mul(10)?.checked_add(i128::from(b - b'0'))?;
            }
            std::cmp::Ordering::Equal => half = b - b'0',
            std::cmp::Ordering::Greater => rest |= b != b'0',
        }
        seen += 1;
    }
    for _ in seen..keep {
        value = value.checked_mul(10)?;
    }
    let up = half > 5 || (half == 5 && (rest || value % 2 != 0));
    let nanos = value + i128::from(up);
    let rounded = half != 0 || rest;
    any.then_some(Number { nanos: if negative { -nanos } else { nanos }, rounded })
}

/// A floating-point number as the decimal that a person would read: the shortest text that gives
/// the number again, to nine places. `None` when it is not finite or beyond 1e29.
#[must_use]
pub fn from_f64(value: f64) -> Option<Number> {
    if !value.is_finite() || value.abs() > 1e29 {
        return None;
    }
    let scaled = value * 1e9;
    let nearest = scaled.round();
    // Up to 2^53 the product's nearest integer is the decimal itself when it divides back.
    if nearest.abs() < 9e15 && nearest / 1e9 == value {
        return Some(Number { nanos: nearest as i128, rounded: false });
    }
    parse(format!("{value}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_and_longer_ones_are_rounded_half_to_even() {
        for (text, nanos, rounded) in [
            ("100", 100_000_000_000i128, false),
            ("-0.5", -500_000_000, false),
            ("5.800000000000", 5_800_000_000, false),
            ("46.4900016784668", 46_490_001_678, true),
            ("0.0000000005", 0, true),
            ("0.0000000015", 2, true),
            ("0.00000000051", 1, true),
            ("1.5e-10", 0, true),
            ("9.9e-10", 1, true),
            ("1e3", 1_000_000_000_000, false),
            ("4006500.0", 4_006_500_000_000_000, false),
            ("123456789012345678", 123_456_789_012_345_678_000_000_000, false),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(Number { nanos, rounded }), "{text}");
        }
        for text in ["", "-", ".", "NaN", "inf", "1,5", "1 2", "0x1", "1e", "1e999", "--1", "."] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(&[0xFF, b'1']), None);
    }

    #[test]
    fn floating_point_columns_give_the_decimals_that_were_meant() {
        for (value, nanos) in
            [(0.1, 100_000_000), (1.12172, 1_121_720_000), (0.1 + 0.2, 300_000_000)]
        {
            assert_eq!(from_f64(value).map(|n| n.nanos), Some(nanos), "{value}");
        }
        assert_eq!(from_f64(f64::NAN), None);
        assert_eq!(from_f64(1e300), None);
        assert_eq!(from_f64(1e20).map(|n| n.nanos), Some(10i128.pow(29)));
    }
}
