//! The currencies of a run's accounts and their rates.

use crate::configuration::RunConfiguration;
use crate::error::BacktestError;
use crate::sources::currency;
use model::decimal::parse_nanos;
use model::{Currency, Instrument, InstrumentIndex, Money, Price};
use std::sync::Arc;
use trading::{Account, Currencies, Rate};

/// The account that each strategy starts with.
///
/// # Errors
/// [`BacktestError`] for a currency, an amount or a rate that is none, an instrument that does not
/// say what a currency is worth, and a balance whose rate is not known at the start.
pub fn account(
    configuration: &RunConfiguration,
    instruments: &[Instrument],
) -> Result<Account, BacktestError> {
    let settings = &configuration.account;
    let own = currency(&settings.currency)?;
    let cash = Money(parse_nanos(&settings.initial_cash)?);
    let account = Account::new(own, cash, instruments.len());
    let account = if crate::accounts::is_hedging(configuration, instruments)? {
        account.with_hedging()
    } else {
        account
    };
    let account = account.with_lots(crate::accounts::lots(configuration)?);
    let mut rates = Vec::new();
    for code in settings.rates.keys() {
        rates.push((currency(code)?, rate(configuration, instruments, own, code)?));
    }
    let mut balances = Vec::new();
    for (code, amount) in &settings.balances {
        balances.push((currency(code)?, Money(parse_nanos(amount)?)));
    }
    let currencies = Arc::new(Currencies::new(own, &rates, instruments)?);
    Ok(account.with_currencies(currencies, &balances)?)
}

fn rate(
    configuration: &RunConfiguration,
    instruments: &[Instrument],
    own: Currency,
    code: &str,
) -> Result<Rate, BacktestError> {
    let terms = &configuration.account.rates[code];
    let field = format!("account.rates.{code}");
    let number = |text: &String| {
        let value = parse_nanos(text).ok().and_then(|value| i64::try_from(value).ok());
        let value = value.filter(|&value| value > 0);
        value.map(Price).ok_or_else(|| BacktestError::setting(&field, text, "a rate above zero"))
    };
    let fixed = terms.rate.as_ref().map(number).transpose()?;
    let Some(symbol) = &terms.instrument else {
        let accepted = "a rate, or an instrument of the run";
        return fixed
            .map(Rate::Fixed)
            .ok_or_else(|| BacktestError::setting(&field, "nothing", accepted));
    };
    let at = instruments.iter().position(|known| known.symbol == *symbol).ok_or_else(|| {
        let known: Vec<&str> = instruments.iter().take(8).map(|i| i.symbol.as_str()).collect();
        BacktestError::setting(&field, symbol, &format!("the data has {}", known.join(", ")))
    })?;
    let priced_in = instruments[at].currency;
    let inverse = priced_in != own;
    if inverse && priced_in.as_str() != code {
        let accepted = format!("an instrument whose price is in {own} or {code}");
        let found = format!("{symbol}, whose price is in {priced_in}");
        return Err(BacktestError::setting(&field, found, &accepted));
    }
    Ok(Rate::Market { instrument: InstrumentIndex(at as u32), inverse, initial: fixed })
}

/// The instruments whose prices a strategy has to see for the currencies of those that it trades.
#[must_use]
pub fn rates_of(account: &Account, seen: &[InstrumentIndex]) -> Vec<(Currency, InstrumentIndex)> {
    let currencies = account.currencies();
    let mut needed = Vec::new();
    for slot in seen.iter().filter_map(|&instrument| currencies.slot(instrument)) {
        if let Some(instrument) = currencies.rate_instrument(slot) {
            needed.push((currencies.codes()[slot], instrument));
        }
    }
    needed
}
