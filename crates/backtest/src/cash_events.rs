//! Dividends, funding, borrow and splits of a configuration as events of the run.

use crate::configuration::{DividendTerms, RunConfiguration, SplitTerms};
use crate::error::BacktestError;
use engine::{ScheduledCash, SplitOrders};
use model::decimal::parse_nanos;
use model::{Instrument, InstrumentIndex, InstrumentKind, Price, SessionClose, Split};
use trading::Adjustment;

/// The cash events of a run.
///
/// # Errors
/// [`BacktestError`] for a symbol that the run has not, a number or date that is none, dividends
/// without an adjustment or on prices that hold them, and funding of what is no perpetual.
pub fn cash_events(
    configuration: &RunConfiguration,
    instruments: &[Instrument],
) -> Result<Vec<ScheduledCash>, BacktestError> {
    let Some(terms) = &configuration.cash_events else { return Ok(Vec::new()) };
    let index = |field: &str, symbol: &str| {
        instruments
            .iter()
            .position(|known| known.symbol == symbol)
            .map(|at| InstrumentIndex(at as u32))
            .ok_or_else(|| BacktestError::setting(field, symbol, "a symbol of the run"))
    };
    let mut events = Vec::new();
    let adjustment = |accepted: &str| {
        let given = terms
            .adjustment
            .as_deref()
            .ok_or_else(|| BacktestError::setting("cashEvents.adjustment", "none", accepted))?;
        Ok::<_, BacktestError>(Adjustment::parse(given)?)
    };
    if !terms.dividends.is_empty() {
        adjustment("raw or split with dividends")?.allow_dividends()?;
    }
    if !terms.splits.is_empty() {
        adjustment("raw with splits")?.allow_splits()?;
    }
    for (at, split) in terms.splits.iter().enumerate() {
        let field = format!("cashEvents.splits[{at}]");
        let instrument = index(&format!("{field}.symbol"), &split.symbol)?;
        let terms = &instruments[instrument.index()];
        if terms.kind != InstrumentKind::Equity {
            let accepted = "an equity: nothing else is split";
            return Err(BacktestError::setting(
                &format!("{field}.symbol"),
                &split.symbol,
                accepted,
            ));
        }
        let session = crate::sessions::of_instrument(configuration, terms)?
            .unwrap_or_else(|| SessionClose::usual(terms.kind));
        events.push(split_of(&field, split, instrument, &session)?);
    }
    for (at, dividend) in terms.dividends.iter().enumerate() {
        let field = format!("cashEvents.dividends[{at}]");
        let instrument = index(&format!("{field}.symbol"), &dividend.symbol)?;
        let terms = &instruments[instrument.index()];
        let session = crate::sessions::of_instrument(configuration, terms)?
            .unwrap_or_else(|| SessionClose::usual(terms.kind));
        events.push(dividend_of(&field, dividend, instrument, &session)?);
    }
    for (at, funding) in terms.funding.iter().enumerate() {
        let field = format!("cashEvents.funding[{at}]");
        let instrument = index(&format!("{field}.symbol"), &funding.symbol)?;
        if instruments[instrument.index()].kind != InstrumentKind::Perpetual {
            let accepted = "a perpetual";
            return Err(BacktestError::setting(
                &format!("{field}.symbol"),
                &funding.symbol,
                accepted,
            ));
        }
        let time = funding.time.parse().map_err(|_| {
            BacktestError::setting(&format!("{field}.time"), &funding.time, "ns since 1970")
        })?;
        let mark = match &funding.mark {
            Some(mark) => Price(nanos(&format!("{field}.mark"), mark, 1)?),
            None => Price::UNDEFINED,
        };
        let rate = nanos(&format!("{field}.rate"), &funding.rate, i64::MIN)?;
        events.push(ScheduledCash::Funding { instrument, at: time, rate, mark });
    }
    for (at, borrow) in terms.borrow.iter().enumerate() {
        let field = format!("cashEvents.borrow[{at}]");
        let instrument = index(&format!("{field}.symbol"), &borrow.symbol)?;
        let bps = nanos(&format!("{field}.bps"), &borrow.bps, 0)?;
        if borrow.basis == 0 {
            return Err(BacktestError::setting(&format!("{field}.basis"), "0", "days of a year"));
        }
        events.push(ScheduledCash::Borrow { instrument, bps, basis: borrow.basis });
    }
    Ok(events)
}

/// Who held at the close before the first day without the dividend receives it when the day of
/// payment begins, both on the wall clock of the instrument's sessions.
fn dividend_of(
    field: &str,
    dividend: &DividendTerms,
    instrument: InstrumentIndex,
    session: &SessionClose,
) -> Result<ScheduledCash, BacktestError> {
    let midnight = |name: &str, text: &str| {
        let refused = || {
            BacktestError::setting(&format!("{field}.{name}"), text, "a date such as 2024-05-28")
        };
        let date = text.parse().map_err(|_| refused())?;
        session.midnight(model::calendar::day_number(date)).ok_or_else(refused)
    };
    let ex = midnight("exDate", &dividend.ex_date)?;
    let pays = midnight("payDate", &dividend.pay_date)?;
    let refused = |accepted: &str| {
        BacktestError::setting(&format!("{field}.payDate"), &dividend.pay_date, accepted)
    };
    if pays < ex {
        return Err(refused("a day that is not before the exDate"));
    }
    let (held_at, _) =
        session.session_of(ex).ok_or_else(|| refused("a day in the range of time"))?;
    Ok(ScheduledCash::Dividend {
        instrument,
        held_at: held_at.0,
        pays_at: pays.0,
        per_unit: Price(nanos(&format!("{field}.amount"), &dividend.amount, 1)?),
    })
}

/// A split takes effect when its day begins on the wall clock of the instrument's sessions, or at
/// the time that is named.
fn split_of(
    field: &str,
    terms: &SplitTerms,
    instrument: InstrumentIndex,
    session: &SessionClose,
) -> Result<ScheduledCash, BacktestError> {
    let refused = |name: &str, value: &str, accepted: &str| {
        BacktestError::setting(&format!("{field}.{name}"), value, accepted)
    };
    let at = match (&terms.date, &terms.time) {
        (Some(date), None) => {
            let refused = || refused("date", date, "a date such as 2024-06-10");
            let day = date.parse().map_err(|_| refused())?;
            session.midnight(model::calendar::day_number(day)).ok_or_else(refused)?.0
        }
        (None, Some(time)) => time.parse().map_err(|_| refused("time", time, "ns since 1970"))?,
        (Some(date), Some(_)) => return Err(refused("date", date, "either date or time")),
        (None, None) => return Err(refused("date", "none", "date or time")),
    };
    let ratio = "two whole numbers above zero, the new units first: 2:1";
    let split = Split::parse(&terms.ratio);
    let split = split.ok_or_else(|| refused("ratio", &terms.ratio, ratio))?;
    let orders = match terms.orders.as_str() {
        "adjust" => SplitOrders::Adjust,
        "cancel" => SplitOrders::Cancel,
        other => return Err(refused("orders", other, "adjust or cancel")),
    };
    Ok(ScheduledCash::Split { instrument, at, split, orders })
}

/// A decimal text in 1e-9, at least `least`.
fn nanos(field: &str, text: &str, least: i64) -> Result<i64, BacktestError> {
    let value = parse_nanos(text).ok().and_then(|value| i64::try_from(value).ok());
    value.filter(|&value| value >= least).ok_or_else(|| {
        let accepted = match least {
            1 => "a number above zero",
            0 => "a number from zero",
            _ => "a number",
        };
        BacktestError::setting(field, text, accepted)
    })
}
