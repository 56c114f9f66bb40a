//! Whole columns at once: the streams run over slices. `NaN` where there is no value.

use crate::error::IndicatorError;
use crate::{
    Atr, Bollinger, Deviation, Donchian, Ema, Highest, Indicator, Lowest, Macd, Roc, Rsi, Sma,
    StdDev, Vwap, Wma, ZScore,
};

/// Runs a stream over a slice.
pub fn run(mut indicator: impl Indicator, values: &[f64]) -> Vec<f64> {
    values.iter().map(|&x| indicator.update(x).unwrap_or(f64::NAN)).collect()
}

macro_rules! single {
    ($($(#[$doc:meta])* $name:ident => $type:ident,)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`IndicatorError::Period`].
        pub fn $name(values: &[f64], n: usize) -> Result<Vec<f64>, IndicatorError> {
            Ok(run($type::new(n)?, values))
        }
    )*};
}

single! {
    /// [`Sma`] over a column.
    sma => Sma,
    /// [`Ema`] over a column.
    ema => Ema,
    /// [`Wma`] over a column.
    wma => Wma,
    /// [`Rsi`] over a column.
    rsi => Rsi,
    /// [`Roc`] over a column.
    roc => Roc,
    /// [`Highest`] over a column.
    highest => Highest,
    /// [`Lowest`] over a column.
    lowest => Lowest,
    /// [`ZScore`] over a column.
    z_score => ZScore,
}

/// [`StdDev`] over a column.
///
/// # Errors
/// [`IndicatorError::Period`].
pub fn std_dev(values: &[f64], n: usize, deviation: Deviation) -> Result<Vec<f64>, IndicatorError> {
    Ok(run(StdDev::new(n, deviation)?, values))
}

/// Three columns that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// MACD line, upper band.
    pub first: Vec<f64>,
    /// Signal line, middle.
    pub second: Vec<f64>,
    /// Histogram, lower band.
    pub third: Vec<f64>,
}

impl Columns {
    fn collect(rows: impl Iterator<Item = Option<[Option<f64>; 3]>>) -> Self {
        let mut out = Self { first: Vec::new(), second: Vec::new(), third: Vec::new() };
        for row in rows {
            let row = row.unwrap_or_default().map(|v| v.unwrap_or(f64::NAN));
            out.first.push(row[0]);
            out.second.push(row[1]);
            out.third.push(row[2]);
        }
        out
    }
}

/// [`Macd`] over a column: line, signal, histogram.
///
/// # Errors
/// [`IndicatorError::Period`].
pub fn macd(
    values: &[f64],
    fast: usize,
    slow: usize,
    signal: usize,
) -> Result<Columns, IndicatorError> {
    let mut stream = Macd::new(fast, slow, signal)?;
    Ok(Columns::collect(
        values.iter().map(|&x| stream.update(x).map(|m| [Some(m.macd), m.signal, m.histogram])),
    ))
}

/// [`Bollinger`] over a column: upper, middle, lower.
///
/// # Errors
/// [`IndicatorError::Period`], [`IndicatorError::Factor`].
pub fn bollinger(values: &[f64], n: usize, k: f64) -> Result<Columns, IndicatorError> {
    let mut stream = Bollinger::new(n, k)?;
    Ok(Columns::collect(
        values
            .iter()
            .map(|&x| stream.update(x).map(|b| [Some(b.upper), Some(b.middle), Some(b.lower)])),
    ))
}

/// [`Donchian`] over columns: upper, middle, lower.
///
/// # Errors
/// [`IndicatorError::Period`], [`IndicatorError::Length`].
pub fn donchian(high: &[f64], low: &[f64], n: usize) -> Result<Columns, IndicatorError> {
    same_length(high, &[("low", low)])?;
    let mut stream = Donchian::new(n)?;
    Ok(Columns::collect(high.iter().zip(low).map(|(&h, &l)| {
        stream.update(h, l).map(|c| [Some(c.upper), Some(c.middle), Some(c.lower)])
    })))
}

/// [`Atr`] over columns.
///
/// # Errors
/// [`IndicatorError::Period`], [`IndicatorError::Length`].
pub fn atr(high: &[f64], low: &[f64], close: &[f64], n: usize) -> Result<Vec<f64>, IndicatorError> {
    same_length(high, &[("low", low), ("close", close)])?;
    let mut stream = Atr::new(n)?;
    let bars = high.iter().zip(low).zip(close);
    Ok(bars.map(|((&h, &l), &c)| stream.update(h, l, c).unwrap_or(f64::NAN)).collect())
}

/// [`Vwap`] over columns, from the first row on.
///
/// # Errors
/// [`IndicatorError::Length`].
pub fn vwap(
    high: &[f64],
    low: &[f64],
    close: &[f64],
    volume: &[f64],
) -> Result<Vec<f64>, IndicatorError> {
    same_length(high, &[("low", low), ("close", close), ("volume", volume)])?;
    let mut stream = Vwap::new();
    let bars = high.iter().zip(low).zip(close).zip(volume);
    Ok(bars.map(|(((&h, &l), &c), &v)| stream.update(h, l, c, v).unwrap_or(f64::NAN)).collect())
}

fn same_length(first: &[f64], others: &[(&'static str, &[f64])]) -> Result<(), IndicatorError> {
    for (column, values) in others {
        if values.len() != first.len() {
            let (length, expected) = (values.len(), first.len());
            return Err(IndicatorError::Length { column, length, expected });
        }
    }
    Ok(())
}
