//! When sessions are: for daily bars, day orders, and the sampling of equity.

use crate::configuration::{InstrumentTerms, RunConfiguration, Session};
use crate::error::BacktestError;
use model::{Calendar, Instrument, SessionClose, UnixNanos};

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
        Some(session) => Ok(Some(close_of(session)?)),
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
        let close = close_of(session);
        Some(close.map(|close| (terms.symbol.clone(), close)))
    };
    configuration.instruments.iter().filter_map(given).collect()
}

/// When these sessions end.
///
/// # Errors
/// [`BacktestError`] for an unknown time zone, time of day or calendar.
pub fn close_of(session: &Session) -> Result<SessionClose, BacktestError> {
    Ok(match session {
        Session::Close { time_zone, close } => SessionClose::new(time_zone, close)?,
        Session::BuiltIn { calendar } => SessionClose::of(Calendar::built_in(calendar)?),
        Session::Own { calendar } => SessionClose::of(Calendar::new(calendar)?),
    })
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
    let Some(session) = session else {
        return Ok(Box::new(|now| (now / DAY + 1).saturating_mul(DAY)));
    };
    let close = close_of(session)?;
    if close.calendar().is_some() {
        return Ok(Box::new(move |now| {
            let session = close.session_of(UnixNanos(now));
            session.map_or_else(|| (now / DAY + 1).saturating_mul(DAY), |(_, close)| close.0)
        }));
    }
    Ok(Box::new(move |now| {
        let today = i64::try_from(now / DAY).unwrap_or(0);
        (today - 1..=today + 2)
            .filter_map(|day| close.close(day))
            .find(|time| *time > UnixNanos(now))
            .map_or_else(|| (now / DAY + 1).saturating_mul(DAY), |time| time.0)
    }))
}
