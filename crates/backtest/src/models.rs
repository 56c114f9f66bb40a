//! The models of the venue, from their configuration.

use crate::configuration::{
    Delay as DelaySetting, Fees, FillModel, ImpactModel, Latency, SlippageModel, Stress,
    VenueModels,
};
use crate::custom::{CustomModels, given};
use crate::error::BacktestError;
use costs::{Almgren, FeeSchedule, Impact, Slippage};
use model::{Instrument, Money, Quantity};
use venue::{
    BarPath, BeyondDisplay, Delay, DepthQueue, LatencyModel, LatencyRow, Market, QueueModel,
    QueueProbability, TouchModel, VenueSettings,
};

/// Every model in words, for the result.
pub(crate) fn models(
    latencies: String,
    settings: &[VenueSettings],
    markets: &[Market],
    calibrations: impl Iterator<Item = (String, String)>,
) -> Vec<(String, String)> {
    let mut kinds: Vec<&str> = markets
        .iter()
        .map(|market| match market {
            Market::L3(_) => "market by order: exact queue position in the recorded stream",
            Market::Depth(_) => {
                "a book of levels: the place in the queue is estimated, takers meet what is displayed"
            }
            Market::Quote(_) => {
                "quotes and trades: fills at the next quote, resting orders when traded through"
            }
            Market::Bar(_) => "bars: market orders at the next open, limits when traded through",
        })
        .collect();
    kinds.dedup();
    let mut models =
        vec![("market".to_owned(), kinds.join("; ")), ("latency".to_owned(), latencies)];
    // Quantities of the configuration are lots of each instrument: where these differ, all are told.
    let mut told: Vec<(String, String)> = Vec::new();
    for (name, words) in settings.iter().flat_map(VenueSettings::describe) {
        match told.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) if *known != words && !known.contains(&words) => {
                *known = format!("{known} | {words}");
            }
            Some(_) => {}
            None => told.push((name.to_owned(), words)),
        }
    }
    models.extend(told);
    if markets.iter().any(|market| matches!(market, Market::Depth(_))) {
        let queue = settings.first().map(|settings| settings.depth_queue().describe());
        models.push(("queue of levels".to_owned(), queue.unwrap_or_default()));
    }
    models.extend(calibrations);
    models
}

fn number(field: &str, text: &str) -> Result<f64, BacktestError> {
    text.parse::<f64>().map_err(|_| BacktestError::setting(field, text, "a number"))
}

fn money(text: &str) -> Result<Money, BacktestError> {
    Ok(Money(model::decimal::parse_nanos(text)?))
}

pub(crate) fn fee_schedule(
    fees: &Fees,
    custom: &CustomModels,
) -> Result<FeeSchedule, BacktestError> {
    Ok(match fees {
        Fees::None => FeeSchedule::None,
        Fees::PerContract { maker, taker, minimum, maximum_bps } => {
            let minimum = minimum.as_deref().map(|text| number("venue.fees.minimum", text));
            let schedule = FeeSchedule::per_contract(
                number("venue.fees.maker", maker)?,
                number("venue.fees.taker", taker)?,
                minimum.transpose()?,
            )?;
            match maximum_bps {
                Some(bps) => schedule.with_maximum(*bps)?,
                None => schedule,
            }
        }
        Fees::Bps { maker, taker } => FeeSchedule::rate(
            number("venue.fees.maker", maker)?,
            number("venue.fees.taker", taker)?,
        )?,
        Fees::Tiered { tiers } => {
            let tiers: Vec<(Money, f64, f64)> = tiers
                .iter()
                .map(|(from, maker, taker)| Ok((money(from)?, *maker, *taker)))
                .collect::<Result<_, BacktestError>>()?;
            FeeSchedule::tiered(&tiers)?
        }
        Fees::Custom(model) => {
            FeeSchedule::custom(given(custom.fees.as_ref(), "venue.fees", &model.name)?)
        }
    })
}

pub(crate) fn venue_settings(
    venue: &VenueModels,
    stress: Option<&Stress>,
    (fees, slippage, touch): (FeeSchedule, Slippage, Option<TouchModel>),
    instrument: &Instrument,
) -> Result<VenueSettings, BacktestError> {
    let (queue, depth_queue) = queues(venue)?;
    if let Some(cited) = &venue.queue_calibration {
        cited.check()?;
    }
    let mut settings = VenueSettings::new()
        .with_depth_queue(depth_queue)
        .with_fees(fees)
        .with_impact(impact(&venue.impact)?)
        .with_slippage(slippage)
        .with_slippage_on_opening(matches!(
            venue.slippage,
            SlippageModel::Bps { on_opening: true, .. }
        ))
        .with_queue(queue)
        .with_touch(match touch {
            Some(custom) => custom,
            None => probability(&venue.fill, instrument.lot_size.0)?,
        })?
        .with_beyond_display(beyond_display(&venue.fill)?)
        .with_bar_path(bar_path(&venue.fill)?);
    if let Some(stress) = stress {
        settings = settings.with_worse_ticks(stress.ticks);
    }
    if let Some(share) = venue.fill.volume_limit {
        settings = settings.with_volume_limit(share)?;
    }
    Ok(settings)
}

/// The queue models of order-by-order data and of books of levels.
fn queues(venue: &VenueModels) -> Result<(QueueModel, DepthQueue), BacktestError> {
    let name = venue.queue.as_str();
    let exponent = || {
        venue.queue_exponent.filter(|n| *n > 0.0 && *n <= 100.0).ok_or_else(|| {
            let given = format!("{:?}", venue.queue_exponent);
            BacktestError::setting("venue.queueExponent", given, "a number above 0, up to 100")
        })
    };
    let levels = |probability| Ok((QueueModel::Fifo, DepthQueue::Probabilistic(probability)));
    match name {
        "auto" | "l3" | "fifo" | "riskAverse" => Ok((QueueModel::Fifo, DepthQueue::RiskAverse)),
        "proRata" => Ok((QueueModel::ProRata, DepthQueue::RiskAverse)),
        "power" => levels(QueueProbability::Power(exponent()?)),
        "power2" => levels(QueueProbability::Power2(exponent()?)),
        "power3" => levels(QueueProbability::Power3(exponent()?)),
        "log" => levels(QueueProbability::Log),
        "log2" => levels(QueueProbability::Log2),
        other => {
            let accepted = "accepted are auto, l3, proRata, riskAverse, power, power2, power3, log \
                            and log2";
            Err(BacktestError::setting("venue.queue", other, accepted))
        }
    }
}

/// A queue model that the data cannot support is refused, not replaced.
pub(crate) fn check_queue(
    venue: &VenueModels,
    symbol: &str,
    orders: bool,
    levels: bool,
) -> Result<(), BacktestError> {
    let name = venue.queue.as_str();
    let exact = matches!(name, "l3" | "fifo" | "proRata");
    if exact && levels && !orders {
        let accepted = format!(
            "{symbol} has a book of levels, which shows no places: accepted are auto, riskAverse, \
             power, power2, power3, log and log2"
        );
        return Err(BacktestError::setting("venue.queue", name, &accepted));
    }
    if !exact && name != "auto" && orders {
        let accepted = format!(
            "{symbol} has every order, and its exact place: accepted are auto, l3 and proRata"
        );
        return Err(BacktestError::setting("venue.queue", name, &accepted));
    }
    Ok(())
}

fn impact(model: &ImpactModel) -> Result<Impact, BacktestError> {
    Ok(match *model {
        ImpactModel::None => Impact::None,
        ImpactModel::Linear { bps_per_million } => Impact::linear(bps_per_million)?,
        ImpactModel::SquareRoot { coefficient, daily_volatility, daily_volume } => {
            Impact::square_root(coefficient, daily_volatility, daily_volume)?
        }
        ImpactModel::Almgren {
            daily_volatility,
            daily_volume,
            shares_outstanding,
            duration,
            half_life_ns,
        } => Impact::almgren(Almgren {
            daily_volatility,
            daily_volume,
            shares_outstanding,
            duration,
            half_life: half_life_ns,
        })?,
    })
}

pub(crate) fn slippage(
    model: &SlippageModel,
    custom: &CustomModels,
) -> Result<Slippage, BacktestError> {
    Ok(match *model {
        SlippageModel::None => Slippage::None,
        SlippageModel::Bps { bps, .. } => Slippage::bps(bps)?,
        SlippageModel::Spread { fraction } => Slippage::spread(fraction)?,
        SlippageModel::VolumeShare { price_impact } => Slippage::volume_share(price_impact)?,
        SlippageModel::Custom(ref model) => {
            Slippage::custom(given(custom.slippage.as_ref(), "venue.slippage", &model.name)?)
        }
    })
}

/// Chances at the touch of one's own, where the configuration names them.
pub(crate) fn custom_touch(
    fill: &FillModel,
    custom: &CustomModels,
) -> Result<Option<TouchModel>, BacktestError> {
    let Some(model) = &fill.custom else { return Ok(None) };
    let chances = fill.probability_at_touch != 1.0 || fill.tiers.is_some();
    if chances || fill.reference_quantity.is_some() || fill.fill_at.as_deref() == Some("touch") {
        let accepted = "a custom model alone: it says every chance at the touch";
        return Err(BacktestError::setting("venue.fill", &model.name, accepted));
    }
    Ok(Some(TouchModel::custom(given(custom.fill.as_ref(), "venue.fill", &model.name)?)))
}

/// Lots of a quantity of the configuration, rounded down.
fn lots(text: &str, lot_size: i64) -> Result<i64, BacktestError> {
    let quantity = Quantity::parse(text)?;
    Ok(quantity.0 / lot_size.max(1))
}

fn probability(fill: &FillModel, lot_size: i64) -> Result<TouchModel, BacktestError> {
    if let Some(tiers) = &fill.tiers {
        let tiers = tiers
            .iter()
            .map(|(quantity, chance)| Ok((lots(quantity, lot_size)?, *chance)))
            .collect::<Result<_, BacktestError>>()?;
        return Ok(TouchModel::Tiered(tiers));
    }
    match fill.fill_at.as_deref() {
        None | Some("through") => {}
        Some("touch") if fill.reference_quantity.is_none() => {
            return Ok(TouchModel::Probability(1.0));
        }
        Some("touch") => {
            let accepted = "no chances with touch: whoever is touched is filled";
            return Err(BacktestError::setting("venue.fill.fillAt", "touch", accepted));
        }
        Some(other) => {
            let accepted = "accepted are through and touch";
            return Err(BacktestError::setting("venue.fill.fillAt", other, accepted));
        }
    }
    let base = fill.probability_at_touch;
    match &fill.reference_quantity {
        Some(reference) => {
            Ok(TouchModel::SizeAware { base, reference: lots(reference, lot_size)? })
        }
        // 1 is "what the data proves": each market's own default.
        None if base == 1.0 => Ok(TouchModel::Proven),
        None => Ok(TouchModel::Probability(base)),
    }
}

fn beyond_display(fill: &FillModel) -> Result<BeyondDisplay, BacktestError> {
    match fill.beyond_display.as_deref() {
        None | Some("oneTickPerLevel") => Ok(BeyondDisplay::OneTickPerLevel),
        Some("cancel") => Ok(BeyondDisplay::Cancel),
        Some(other) => {
            let accepted = "accepted are oneTickPerLevel and cancel";
            Err(BacktestError::setting("venue.fill.beyondDisplay", other, accepted))
        }
    }
}

fn bar_path(fill: &FillModel) -> Result<BarPath, BacktestError> {
    match fill.bar_path.as_deref() {
        None | Some("pessimistic") => Ok(BarPath::Pessimistic),
        Some("ohlc") => Ok(BarPath::Ohlc),
        Some("adaptive") => Ok(BarPath::Adaptive),
        Some(other) => {
            let accepted = "accepted are pessimistic, ohlc and adaptive";
            Err(BacktestError::setting("venue.fill.barPath", other, accepted))
        }
    }
}

fn delay(setting: &DelaySetting) -> Result<Delay, BacktestError> {
    let delay = match *setting {
        DelaySetting::Fixed { ns } => Delay::Fixed(ns),
        DelaySetting::Normal { mean_ns, deviation_ns, floor_ns } => {
            Delay::Normal { mean: mean_ns as f64, deviation: deviation_ns as f64, floor: floor_ns }
        }
        DelaySetting::LogNormal { median_ns, sigma, floor_ns } => {
            Delay::LogNormal { median: median_ns as f64, sigma, floor: floor_ns }
        }
    };
    Ok(delay.check()?)
}

pub(crate) fn latency(latency: &Latency, seed: u64) -> Result<LatencyModel, BacktestError> {
    Ok(match latency {
        Latency::Fixed { submit_ns, modify_ns, cancel_ns, response_ns } => LatencyModel::ByKind {
            submit: Delay::Fixed(*submit_ns),
            modify: Delay::Fixed(*modify_ns),
            cancel: Delay::Fixed(*cancel_ns),
            response: Delay::Fixed(*response_ns),
            seed,
        },
        Latency::Drawn { submit, modify, cancel, response } => LatencyModel::ByKind {
            submit: delay(submit)?,
            modify: delay(modify)?,
            cancel: delay(cancel)?,
            response: delay(response)?,
            // Apart from the draws of fills.
            seed: model::random::mix(seed ^ 0x6C61_7465_6E63_7900),
        },
        Latency::Recorded { rows } => {
            let time = |text: &str| {
                let accepted = "nanoseconds since 1970";
                let bad = || BacktestError::setting("venue.latency.rows", text, accepted);
                text.parse::<u64>().map_err(|_| bad())
            };
            let rows = rows
                .iter()
                .map(|[request, exchange, response]| {
                    Ok(LatencyRow {
                        request: time(request)?,
                        exchange: time(exchange)?,
                        response: time(response)?,
                    })
                })
                .collect::<Result<Vec<_>, BacktestError>>()?;
            LatencyModel::recorded(rows)?
        }
    })
}
