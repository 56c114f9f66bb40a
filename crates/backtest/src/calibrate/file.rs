//! A calibration on a DBN file, from the options that cross from TypeScript.

use super::{CalibrateOptions, Calibration, calibrate};
use crate::error::BacktestError;
use feed::dbn::{DbnFile, DbnOptions};
use feed::{Instruments, Resolve, Source};
use model::{Currency, Instrument, InstrumentKind, NANO, Price, Quantity};
use serde::Deserialize;
use std::path::PathBuf;

/// What is calibrated on; every option is used or refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CalibrateFile {
    /// A DBN file of the schema mbo.
    pub file: PathBuf,
    /// Its instrument; may be left out where the file names one only.
    pub symbol: Option<String>,
    /// Tick size, decimal; otherwise from definitions and the built-in futures.
    pub tick_size: Option<String>,
    /// Quantity of one lot, decimal; 1 with a tick size.
    pub lot_size: Option<String>,
    /// See [`CalibrateOptions::orders`].
    pub orders: usize,
    /// See [`CalibrateOptions::window`].
    pub window_ns: u64,
    /// See [`CalibrateOptions::levels`].
    pub levels: usize,
    /// See [`CalibrateOptions::seed`].
    pub seed: u64,
}

impl CalibrateFile {
    fn options(&self) -> DbnOptions {
        let symbols = self.symbol.clone().map(|symbol| vec![symbol]);
        DbnOptions { symbols, ..DbnOptions::default() }
    }

    fn instrument(&self, file: &DbnFile) -> Result<Instrument, BacktestError> {
        let symbols = file.symbols();
        let symbol = match (&self.symbol, symbols.as_slice()) {
            (Some(symbol), _) => symbol.as_str(),
            (None, [only]) => *only,
            (None, symbols) => {
                let known: Vec<&str> = symbols.iter().take(8).copied().collect();
                let accepted = format!("one of the file's: {}", known.join(", "));
                return Err(BacktestError::setting("symbol", "none", &accepted));
            }
        };
        let Some(tick_size) = &self.tick_size else {
            if let Some(lot_size) = &self.lot_size {
                let accepted = "it with a tick size; both come from one place";
                return Err(BacktestError::setting("lotSize", lot_size, accepted));
            }
            let wanted = [symbol];
            let definitions = file.definitions(Some(&wanted))?;
            let resolve =
                Resolve { configured: &[], terms: &[], definitions: &definitions, plain: None };
            return Ok(resolve.instrument(symbol)?);
        };
        let lot_size = self.lot_size.as_deref().map(Quantity::parse).transpose()?;
        // Queues know ticks and lots: no figure here depends on kind, multiplier or currency.
        Ok(Instrument::new(
            symbol,
            InstrumentKind::Equity,
            Price::parse(tick_size)?,
            lot_size.unwrap_or(Quantity(NANO)),
            Price(NANO),
            Currency::USD,
        )?)
    }

    /// Calibrates. `progress` hears the fraction done and stops the work by answering `false`.
    ///
    /// # Errors
    /// [`BacktestError::Setting`] for an option or a file of another schema, and as [`calibrate`].
    pub fn run(&self, progress: &mut dyn FnMut(f64) -> bool) -> Result<Calibration, BacktestError> {
        let file = DbnFile::open(&self.file, self.options())?;
        if !file.is_mbo() && file.schema().is_some() {
            let accepted = "accepted is a DBN file of the schema mbo: only it shows what real \
                            orders became";
            return Err(BacktestError::setting("file", file.schema_name(), accepted));
        }
        let instrument = self.instrument(&file)?;
        let instruments: Instruments = [instrument.clone()].into_iter().collect();
        let mut first = Some(file);
        let mut open = || -> Result<Box<dyn Source>, BacktestError> {
            let file = match first.take() {
                Some(file) => file,
                None => DbnFile::open(&self.file, self.options())?,
            };
            Ok(file.into_source(&instruments)?)
        };
        let options = CalibrateOptions {
            orders: self.orders,
            window: self.window_ns,
            levels: self.levels,
            seed: self.seed,
            ..CalibrateOptions::default()
        };
        calibrate(&mut open, &instrument, &options, progress)
    }
}
