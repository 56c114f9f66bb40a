//! Models of the venues of a completed configuration.

use crate::calibrate::CitedError;
use serde::{Deserialize, Serialize};

/// Models of the venue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VenueModels {
    /// Latency of orders and reports.
    pub latency: Latency,
    /// Fees.
    pub fees: Fees,
    /// Fills at the touch.
    pub fill: FillModel,
    /// `auto`; `l3` or `proRata` for order-by-order data; `riskAverse`, `power`, `power2`, `power3`,
    /// `log` or `log2` for books of levels.
    pub queue: String,
    /// The exponent of the power models.
    #[serde(default)]
    pub queue_exponent: Option<f64>,
    /// How far that model was from real orders, where it was calibrated: results cite it.
    #[serde(default)]
    pub queue_calibration: Option<CitedError>,
    /// Slippage of a taker.
    #[serde(default)]
    pub slippage: SlippageModel,
    /// Impact on a taker's price.
    pub impact: ImpactModel,
    /// How much worse everything is than the models say.
    #[serde(default)]
    pub stress: Option<Stress>,
}

/// A run under harder conditions, with the same random draws.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Stress {
    /// Ticks by which every fill is worse; basis points, where there is no price grid.
    pub ticks: u32,
    /// By how much every latency is multiplied, that of the strategies' feeds included.
    pub latency: u32,
    /// By how much every charge is multiplied.
    pub fees: u32,
}

/// Latency of orders and reports, in ns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Latency {
    /// Always the same.
    #[serde(rename_all = "camelCase")]
    Fixed {
        /// New orders.
        submit_ns: u64,
        /// Changes.
        modify_ns: u64,
        /// Cancels.
        cancel_ns: u64,
        /// Reports.
        response_ns: u64,
    },
    /// A distribution for each kind of message.
    Drawn {
        /// New orders.
        submit: Delay,
        /// Changes.
        modify: Delay,
        /// Cancels.
        cancel: Delay,
        /// Reports.
        response: Delay,
    },
    /// Recorded messages: when sent, when at the exchange, when answered, ns since 1970 as decimal
    /// texts.
    Recorded {
        /// The messages.
        rows: Vec<[String; 3]>,
    },
}

/// How long one kind of message takes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Delay {
    /// Always the same.
    #[serde(rename_all = "camelCase")]
    Fixed {
        /// In ns.
        ns: u64,
    },
    /// Normally distributed.
    #[serde(rename_all = "camelCase")]
    Normal {
        /// Mean in ns.
        mean_ns: u64,
        /// Standard deviation in ns.
        deviation_ns: u64,
        /// Least in ns.
        floor_ns: u64,
    },
    /// Log-normally distributed.
    #[serde(rename_all = "camelCase")]
    LogNormal {
        /// Median in ns.
        median_ns: u64,
        /// Deviation of the logarithm.
        sigma: f64,
        /// Least in ns.
        floor_ns: u64,
    },
}

/// Fees.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Fees {
    /// None.
    None,
    /// Money per contract.
    #[serde(rename_all = "camelCase")]
    PerContract {
        /// Of a fill that rested.
        maker: String,
        /// Of a fill that took.
        taker: String,
        /// Least of an order.
        #[serde(default)]
        minimum: Option<String>,
        /// Most of an order, in basis points of its notional.
        #[serde(default)]
        maximum_bps: Option<f64>,
    },
    /// Basis points of the notional.
    Bps {
        /// Of a fill that rested.
        maker: String,
        /// Of a fill that took.
        taker: String,
    },
    /// Basis points by how much has been traded.
    Tiered {
        /// Traded notional from which a tier holds, its maker and its taker basis points.
        tiers: Vec<(String, f64, f64)>,
    },
    /// A model of one's own, which comes beside the configuration.
    Custom(CustomModel),
}

/// The name of a model of one's own, and where its code is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomModel {
    /// Its name, for results.
    pub name: String,
    /// The file that it is from; a model made in code has none.
    #[serde(default)]
    pub source: Option<String>,
    /// What that file exports it as.
    #[serde(default)]
    pub export: Option<String>,
}

/// Fills at the touch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FillModel {
    /// Chance of a fill when the market touches the order's price, once per visit; 1 is what the
    /// data proves.
    pub probability_at_touch: f64,
    /// `through`, or `touch`: whoever is touched is filled.
    #[serde(default)]
    pub fill_at: Option<String>,
    /// The quantity at which that chance is halved.
    #[serde(default)]
    pub reference_quantity: Option<String>,
    /// Chances by quantity.
    #[serde(default)]
    pub tiers: Option<Vec<(String, f64)>>,
    /// What market orders beyond the display of a quote do: `oneTickPerLevel` or `cancel`.
    #[serde(default)]
    pub beyond_display: Option<String>,
    /// Order of prices inside a bar: `pessimistic`, `ohlc` or `adaptive`.
    #[serde(default)]
    pub bar_path: Option<String>,
    /// Most of a bar's volume that own orders may have.
    #[serde(default)]
    pub volume_limit: Option<f64>,
    /// A model of one's own in place of these chances.
    #[serde(default)]
    pub custom: Option<CustomModel>,
}

/// Slippage of a taker.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum SlippageModel {
    /// None.
    #[default]
    None,
    /// Basis points.
    #[serde(rename_all = "camelCase")]
    Bps {
        /// How many.
        bps: f64,
        /// Whether only what opens a position slips.
        #[serde(default)]
        on_opening: bool,
    },
    /// A share of the spread.
    Spread {
        /// How much of it.
        fraction: f64,
    },
    /// By the own share of a bar's volume.
    #[serde(rename_all = "camelCase")]
    VolumeShare {
        /// The factor.
        price_impact: f64,
    },
    /// A model of one's own, which comes beside the configuration.
    Custom(CustomModel),
}

/// Impact on a taker's price.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ImpactModel {
    /// None.
    None,
    /// Linear in the notional.
    #[serde(rename_all = "camelCase")]
    Linear {
        /// Basis points per million of notional.
        bps_per_million: f64,
    },
    /// The square-root law.
    #[serde(rename_all = "camelCase")]
    SquareRoot {
        /// The factor.
        coefficient: f64,
        /// Volatility of a day.
        daily_volatility: f64,
        /// Volume of an average day.
        daily_volume: f64,
    },
    /// Almgren 2005.
    #[serde(rename_all = "camelCase")]
    Almgren {
        /// Volatility of a day.
        daily_volatility: f64,
        /// Volume of an average day.
        daily_volume: f64,
        /// Shares outstanding.
        shares_outstanding: f64,
        /// Part of the day over which an order is worked.
        duration: f64,
        /// When half of the permanent part has decayed, ns; 0 never.
        half_life_ns: u64,
    },
}
