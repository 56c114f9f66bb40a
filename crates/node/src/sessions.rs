//! Sessions of an instrument's calendar.

use crate::failure::{body, guarded};
use backtest::configuration::Session;
use model::UnixNanos;
use napi_derive::napi;

/// The session at a time in ms since 1970, as JSON: `date`, and in ms `from` (the end of the session
/// before), `open` and `close`; `null` where the calendar has none. `session` is that of a completed
/// configuration, as JSON.
#[napi]
pub fn session_of(session: String, time: f64) -> napi::Result<String> {
    guarded(|| {
        let session: Session = serde_json::from_str(&session)
            .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
        let session = backtest::sessions::close_of(&session)
            .map_err(|error| body(error.code(), &error.to_string()))?;
        // Times before 1970 and beyond 2262 have no session.
        let at = UnixNanos((time * 1e6) as u64);
        let found = session.session_of(at).zip(session.opening_of(at));
        let milliseconds = |time: UnixNanos| time.0 / 1_000_000;
        let value = found.map(|((from, close), open)| {
            let day = session.calendar().and_then(|calendar| calendar.session_of(at));
            let date = day.map(|it| UnixNanos(it.day.unsigned_abs() * 86_400_000_000_000));
            serde_json::json!({
                "date": date.map(|date| date.to_string().chars().take(10).collect::<String>()),
                "from": milliseconds(from),
                "open": milliseconds(open),
                "close": milliseconds(close),
            })
        });
        Ok(serde_json::json!(value).to_string())
    })
}
