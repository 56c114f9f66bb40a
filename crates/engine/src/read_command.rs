//! Commands from their columns, checked: nothing that JavaScript writes may break a run.

use crate::columns::{CommandColumns, CommandKind, command_flags};
use crate::command::{Amount, Command, SizeAt, Subscription};
use crate::error::EngineError;
use crate::read_terms::{read_terms, read_time_in_force};
use crate::run::Run;
use model::{InstrumentIndex, Lots, Money, OrderKind, Price, Side, Ticks};
use trading::{OrderSize, Target};
use venue::Change;

/// A command from its columns. Numbers were checked where the call was made; they are checked
/// again here, because nothing that JavaScript writes may break a run.
pub(crate) fn read_command(
    run: &Run,
    columns: &CommandColumns,
    at: usize,
) -> Result<Command, EngineError> {
    let strategy = columns.strategy[at] as usize;
    let bad = |field: &'static str, value: f64, accepted: &str| EngineError::Command {
        strategy: run.strategies().get(strategy).map_or_else(String::new, |s| s.name.clone()),
        field,
        value: value.to_string(),
        accepted: accepted.to_owned(),
    };
    let whole = |field: &'static str, value: f64| {
        if value.fract() == 0.0 && value.abs() < 9.0e15 {
            Ok(value as i64)
        } else {
            Err(bad(field, value, "a whole number below 2^53"))
        }
    };
    let flags = columns.flags[at];
    let has = |bit: u32| flags & bit != 0;
    let instrument = InstrumentIndex(columns.instrument[at]);
    let number = whole("order number", columns.number[at])?;
    let number =
        u64::try_from(number).map_err(|_| bad("order number", number as f64, "above 0"))?;
    let timer =
        || u32::try_from(number).map_err(|_| bad("timer", number as f64, "a number below 2^32"));
    let kind = columns.kind[at];
    Ok(match kind {
        k if k == CommandKind::Submit as u32 => {
            let amount = columns.amount[at];
            let money = |value: f64| {
                Money::from_f64(value).map_err(|_| bad("amount", value, "an amount of money"))
            };
            let side = if has(command_flags::SELL) { Side::Sell } else { Side::Buy };
            let price = columns.price[at];
            let kind = if has(command_flags::LIMIT) {
                OrderKind::Limit(Ticks(whole("price", price)?))
            } else if has(command_flags::MARKET_TO_LIMIT) {
                OrderKind::MarketToLimit
            } else {
                OrderKind::Market
            };
            let finite = |value: f64| {
                if value.is_finite() { Ok(value) } else { Err(bad("amount", value, "a number")) }
            };
            let amount = if has(command_flags::PARENT) {
                Amount::Parent
            } else if has(command_flags::TARGET) {
                Amount::Target(if has(command_flags::RISK) {
                    let stop = f64::from_bits(columns.at[at]);
                    let stop = Price::from_f64(stop).map_err(|_| bad("stop", stop, "a price"))?;
                    Target::Risk { fraction: finite(amount)?, stop }
                } else if has(command_flags::CASH) {
                    Target::Value(money(amount)?)
                } else if has(command_flags::FRACTION) {
                    Target::Percent(finite(amount)?)
                } else {
                    Target::Quantity(Lots(whole("quantity", amount)?))
                })
            } else {
                Amount::Order(if has(command_flags::CASH) {
                    OrderSize::Cash(money(amount)?)
                } else if has(command_flags::FRACTION) {
                    OrderSize::Percent(finite(amount)?)
                } else {
                    OrderSize::Quantity(Lots(whole("quantity", amount)?))
                })
            };
            let time_in_force = read_time_in_force(flags);
            let size_at =
                if has(command_flags::SIZE_AT_FILL) { SizeAt::Fill } else { SizeAt::Signal };
            Command::Submit {
                number,
                instrument,
                side,
                kind,
                amount,
                size_at,
                time_in_force,
                post_only: has(command_flags::POST_ONLY),
                terms: read_terms(columns, at, &bad)?,
            }
        }
        k if k == CommandKind::Modify as u32 => {
            let (amount, price) = (columns.amount[at], columns.price[at]);
            let quantity =
                if amount.is_nan() { None } else { Some(Lots(whole("quantity", amount)?)) };
            let price = if price.is_nan() { None } else { Some(Ticks(whole("price", price)?)) };
            let trigger = columns.trigger[at];
            let trigger = if has(command_flags::TERMS) && !trigger.is_nan() {
                let price = Price::from_f64(trigger);
                Some(price.map_err(|_| bad("trigger", trigger, "a price"))?)
            } else {
                None
            };
            Command::Modify { number, change: Change { total: quantity, price, trigger } }
        }
        k if k == CommandKind::Cancel as u32 => Command::Cancel { number },
        k if k == CommandKind::CancelAll as u32 => {
            let all = instrument.0 == u32::MAX;
            Command::CancelAll { instrument: (!all).then_some(instrument) }
        }
        k if k == CommandKind::SetTimer as u32 => {
            Command::SetTimer { id: timer()?, at: columns.at[at], every: columns.every[at] }
        }
        k if k == CommandKind::CancelTimer as u32 => Command::CancelTimer { id: timer()? },
        k if k == CommandKind::Subscribe as u32 || k == CommandKind::Unsubscribe as u32 => {
            let what = if has(command_flags::QUOTES) {
                Subscription::Quotes
            } else {
                Subscription::Trades
            };
            Command::Subscribe { instrument, what, on: k == CommandKind::Subscribe as u32 }
        }
        k if k == CommandKind::Stop as u32 => Command::Stop,
        other => return Err(bad("kind", f64::from(other), "1 to 9")),
    })
}
