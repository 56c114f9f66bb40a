//! Accounts of a completed configuration.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountSettings {
    /// Currency.
    pub currency: String,
    /// Cash at the start.
    pub initial_cash: String,
    /// Whether all strategies trade on one account.
    #[serde(default)]
    pub shared: bool,
    /// `unchecked`, `cash` or `margin`: what orders are checked against.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// `average`, `fifo` or `lifo`: what a closing fill closes.
    #[serde(default)]
    pub lots: Option<String>,
    /// `netting` or `hedging`: whether long and short of an instrument are held apart.
    #[serde(default)]
    pub positions: Option<String>,
    /// Margin of every instrument that says nothing else.
    #[serde(default)]
    pub margin: Margin,
    /// What it has at the start of currencies other than its own.
    #[serde(default)]
    pub balances: BTreeMap<String, String>,
    /// What other currencies are worth in its own.
    #[serde(default)]
    pub rates: BTreeMap<String, RateTerms>,
}

/// What a unit of a currency is worth in the account's own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RateTerms {
    /// Always this, or until the instrument has a price.
    #[serde(default)]
    pub rate: Option<String>,
    /// The instrument of the run whose price it is: of the currency in the account's own, or the
    /// other way round.
    #[serde(default)]
    pub instrument: Option<String>,
}

/// How much margin a position takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum MarginAmount {
    /// A share of the notional.
    Rate {
        /// The share: 0.1.
        rate: String,
    },
    /// Money for each unit of quantity.
    PerContract {
        /// How much.
        amount: String,
    },
}

/// Margin of an account or instrument.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Margin {
    /// What opening takes.
    #[serde(default)]
    pub initial: Option<MarginAmount>,
    /// What keeping takes.
    #[serde(default)]
    pub maintenance: Option<MarginAmount>,
}
