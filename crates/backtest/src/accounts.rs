//! What accounts are checked against: kind and margin of the configuration.

use crate::configuration::{Margin, MarginAmount, RunConfiguration};
use crate::error::BacktestError;
use model::decimal::parse_nanos;
use model::{FeeCurrency, Instrument, Price};
use trading::{Funds, LotMatching, MarginRate, MarginTerms};

/// What a closing fill closes.
///
/// # Errors
/// [`BacktestError::Setting`] for a word that is none.
pub fn lots(configuration: &RunConfiguration) -> Result<LotMatching, BacktestError> {
    let word = configuration.account.lots.as_deref().unwrap_or("average");
    LotMatching::parse(word).ok_or_else(|| {
        BacktestError::setting("account.lots", word, "accepted are average, fifo and lifo")
    })
}

/// Whether the accounts hold long and short of an instrument apart.
///
/// # Errors
/// [`BacktestError::Setting`] for another word, and where it cannot be: on a cash account, which has
/// no shorts; on one that all strategies share, where nobody could tell whose leg is whose; with
/// fees in the base of a pair, which would be taken from a leg; with splits.
pub fn is_hedging(
    configuration: &RunConfiguration,
    instruments: &[Instrument],
) -> Result<bool, BacktestError> {
    let account = &configuration.account;
    let field = "account.positions";
    match account.positions.as_deref().unwrap_or("netting") {
        "netting" => return Ok(false),
        "hedging" => {}
        other => {
            let accepted = "accepted are netting and hedging";
            return Err(BacktestError::setting(field, other, accepted));
        }
    }
    let in_base = |terms: &Instrument| terms.fee_currency == FeeCurrency::Received;
    let split = configuration.cash_events.as_ref().is_some_and(|events| !events.splits.is_empty());
    let refused = if account.kind.as_deref() == Some("cash") {
        "netting on a cash account: it holds no shorts"
    } else if account.shared && configuration.strategies.len() > 1 {
        "netting on an account that strategies share"
    } else if instruments.iter().any(in_base) {
        "netting with fees in the base of a pair: they are taken from the position"
    } else if split {
        "netting with splits"
    } else {
        return Ok(true);
    };
    Err(BacktestError::setting(field, "hedging", refused))
}

/// What orders of a run's accounts are checked against.
///
/// # Errors
/// [`BacktestError::Setting`] for a kind that is none, margin without a margin account or the other
/// way round, a maintenance margin above the initial one, and contracts in a cash account.
pub fn funds(
    configuration: &RunConfiguration,
    instruments: &[Instrument],
) -> Result<Funds, BacktestError> {
    let account = &configuration.account;
    let kind = account.kind.as_deref().unwrap_or("unchecked");
    if kind != "margin" {
        let of_instruments = configuration.instruments.iter().map(|terms| &terms.margin);
        let given = |margin: &Margin| margin.initial.is_some() || margin.maintenance.is_some();
        if std::iter::once(&account.margin).chain(of_instruments).any(given) {
            let accepted = "margin together with margin rates";
            return Err(BacktestError::setting("account.type", kind, accepted));
        }
    }
    match kind {
        "unchecked" => Ok(Funds::Unchecked),
        "cash" => {
            if let Some(terms) = instruments.iter().find(|terms| !terms.kind.pays_notional()) {
                let accepted =
                    format!("{} is a {}: use a margin account", terms.symbol, terms.kind.as_str());
                return Err(BacktestError::setting("account.type", kind, &accepted));
            }
            Ok(Funds::Cash)
        }
        "margin" => {
            let terms = instruments.iter().map(|terms| {
                let own = configuration.instruments.iter().find(|own| own.symbol == terms.symbol);
                margin_of(terms, own.map(|own| &own.margin), &account.margin)
            });
            Ok(Funds::Margin(terms.collect::<Result<_, _>>()?))
        }
        other => {
            let accepted = "accepted are unchecked, cash and margin";
            Err(BacktestError::setting("account.type", other, accepted))
        }
    }
}

fn margin_of(
    terms: &Instrument,
    own: Option<&Margin>,
    account: &Margin,
) -> Result<MarginTerms, BacktestError> {
    let rate = |name: &str, own: Option<&MarginAmount>, general: Option<&MarginAmount>| {
        let field = if own.is_some() {
            format!("instruments.{}.{name}", terms.symbol)
        } else {
            format!("account.{name}")
        };
        let Some(given) = own.or(general) else {
            let accepted = format!("a margin rate for {}", terms.symbol);
            return Err(BacktestError::setting(&field, "none", &accepted));
        };
        let text = match given {
            MarginAmount::Rate { rate } => rate,
            MarginAmount::PerContract { amount } => amount,
        };
        let value = parse_nanos(text).ok().and_then(|value| i64::try_from(value).ok());
        let value = value
            .filter(|&value| value > 0)
            .ok_or_else(|| BacktestError::setting(&field, text, "a number above zero"))?;
        Ok(match given {
            MarginAmount::Rate { .. } => MarginRate::OfNotional(value),
            MarginAmount::PerContract { .. } => MarginRate::PerContract(Price(value)),
        })
    };
    let initial = own.and_then(|own| own.initial.as_ref());
    let maintenance = own.and_then(|own| own.maintenance.as_ref());
    let margin = MarginTerms {
        initial: rate("initialMargin", initial, account.initial.as_ref())?,
        maintenance: rate("maintenanceMargin", maintenance, account.maintenance.as_ref())?,
    };
    let above = match (margin.initial, margin.maintenance) {
        (MarginRate::OfNotional(initial), MarginRate::OfNotional(kept)) => kept > initial,
        (MarginRate::PerContract(initial), MarginRate::PerContract(kept)) => kept > initial,
        _ => false,
    };
    if above {
        let accepted = "at most the initial margin";
        return Err(BacktestError::setting("account.maintenanceMargin", &terms.symbol, accepted));
    }
    Ok(margin)
}
