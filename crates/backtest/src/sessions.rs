//! When sessions close, for the sampling of equity.

use crate::configuration::{InstrumentTerms, RunConfiguration, Session};
use crate::error::BacktestError;
use feed::columns::SessionClose;
use model::{Instrument, UnixNanos};

/// When the sessions of an instrument end, where the configuration says so.
///
/// # Errors
/// [`BacktestError`] for an unknown time zone or time of day.
pub fn of_instrument(
    configuration: &RunConfiguration,
    instrument: &Instrument,
) -> Result<Option<SessionClose>, BacktestError> {
    let terms = configuration.instruments.iter().find(|terms| terms.symbol == instrument.symbol);
    match terms.and_then(|terms| terms.session.as_ref()) {
        Some(session) => Ok(Some(SessionClose::new(&session.time_zone, &session.close)?)),
        None => Ok(None),
    }
}

/// The sessions that the configuration gives, by symbol.
///
/// # Errors
/// [`BacktestError`] for an unknown time zone or time of day.
pub fn by_symbol(
    configuration: &RunConfiguration,
) -> Result<Vec<(String, SessionClose)>, BacktestError> {
    let given = |terms: &InstrumentTerms| {
        let session = terms.session.as_ref()?;
        let close = SessionClose::new(&session.time_zone, &session.close);
        Some(close.map(|close| (terms.symbol.clone(), close)).map_err(BacktestError::from))
    };
    configuration.instruments.iter().filter_map(given).collect()
}

const DAY: u64 = 86_400_000_000_000;

/// The first session close strictly after a time: of the first instrument that names a session,
/// else the end of the UTC day.
///
/// # Errors
/// [`BacktestError`] for an unknown time zone or time of day.
pub fn session_close(
    configuration: &RunConfiguration,
) -> Result<Box<dyn Fn(u64) -> u64 + Send>, BacktestError> {
    let session = configuration.instruments.iter().find_map(|terms| terms.session.as_ref());
    let Some(Session { time_zone, close }) = session else {
        return Ok(Box::new(|now| (now / DAY + 1).saturating_mul(DAY)));
    };
    let close = SessionClose::new(time_zone, close)?;
    Ok(Box::new(move |now| {
        let today = i64::try_from(now / DAY).unwrap_or(0);
        (today - 1..=today + 2)
            .filter_map(|day| close.close(day))
            .find(|time| *time > UnixNanos(now))
            .map_or_else(|| (now / DAY + 1).saturating_mul(DAY), |time| time.0)
    }))
}
