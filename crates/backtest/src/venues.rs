//! The venues of a run: their models, and which instrument trades on which.

use crate::configuration::{RunConfiguration, VenueModels};
use crate::custom::CustomModels;
use crate::error::BacktestError;
use crate::models::{custom_touch, fee_schedule, latency, slippage, venue_settings};
use costs::{FeeSchedule, Slippage};
use model::Instrument;
use venue::{LatencyModel, TouchModel, VenueBuses, VenueSettings};

/// One venue, its models made.
struct Venue<'a> {
    models: &'a VenueModels,
    fees: FeeSchedule,
    slippage: Slippage,
    touch: Option<TouchModel>,
    latency: LatencyModel,
}

/// The venues of a run: the one of the configuration first, then those that have a name.
pub(crate) struct Venues<'a> {
    venues: Vec<Venue<'a>>,
    names: Vec<&'a str>,
    /// Venue of each instrument.
    of_instrument: Vec<usize>,
}

impl<'a> Venues<'a> {
    /// Makes the models of every venue, once for all instruments that trade there: what a model of
    /// one's own fails for one of them, it has failed for the run.
    ///
    /// # Errors
    /// [`BacktestError`] for a setting that is none, and a name that no instrument has.
    pub fn new(
        configuration: &'a RunConfiguration,
        instruments: &[Instrument],
        custom: &CustomModels,
    ) -> Result<Self, BacktestError> {
        let stress = configuration.venue.stress;
        let (longer, dearer) = stress.map_or((1, 1), |stress| (stress.latency, stress.fees));
        let names: Vec<&str> = configuration.venues.keys().map(String::as_str).collect();
        for name in &names {
            if !instruments.iter().any(|terms| terms.venue == *name) {
                let mut known: Vec<&str> = instruments.iter().map(|i| i.venue.as_str()).collect();
                known.sort_unstable();
                known.dedup();
                let accepted = format!("the instruments are of '{}'", known.join("', '"));
                return Err(BacktestError::setting("venues", name, &accepted));
            }
        }
        let mut venues = Vec::new();
        let all = std::iter::once(&configuration.venue).chain(configuration.venues.values());
        for (at, models) in all.enumerate() {
            // Ways to different venues draw apart.
            let seed = if at == 0 {
                configuration.seed
            } else {
                let name = names[at - 1].bytes();
                name.fold(configuration.seed, |seed, byte| {
                    model::random::mix(seed ^ u64::from(byte))
                })
            };
            venues.push(Venue {
                models,
                fees: fee_schedule(&models.fees, custom)?.times(dearer),
                slippage: slippage(&models.slippage, custom)?,
                touch: custom_touch(&models.fill, custom)?,
                latency: latency(&models.latency, seed)?.times(longer),
            });
        }
        let of_instrument = instruments
            .iter()
            .map(|terms| names.iter().position(|name| terms.venue == *name).map_or(0, |at| at + 1))
            .collect();
        Ok(Self { venues, names, of_instrument })
    }

    fn of(&self, instrument: usize) -> &Venue<'a> {
        &self.venues[self.of_instrument[instrument]]
    }

    /// The models of an instrument's venue.
    pub fn models(&self, instrument: usize) -> &'a VenueModels {
        self.of(instrument).models
    }

    /// What an instrument costs.
    pub fn fees(&self) -> Vec<FeeSchedule> {
        (0..self.of_instrument.len()).map(|at| self.of(at).fees.clone()).collect()
    }

    /// The settings of each instrument's market.
    ///
    /// # Errors
    /// [`BacktestError`] for a setting that is none.
    pub fn settings(
        &self,
        configuration: &RunConfiguration,
        instruments: &[Instrument],
    ) -> Result<Vec<VenueSettings>, BacktestError> {
        let stress = configuration.venue.stress.as_ref();
        let of = |(at, instrument): (usize, &Instrument)| {
            let venue = self.of(at);
            let costs = (venue.fees.clone(), venue.slippage.clone(), venue.touch.clone());
            venue_settings(venue.models, stress, costs, instrument)
        };
        instruments.iter().enumerate().map(of).collect()
    }

    /// The ways to the venues.
    pub fn buses(&self) -> VenueBuses {
        let latencies = self.venues.iter().map(|venue| venue.latency.clone()).collect();
        VenueBuses::new(latencies, &self.of_instrument)
    }

    /// How far the queue models were from real orders where they were calibrated, for the result.
    pub fn calibrations(&self) -> impl Iterator<Item = (String, String)> {
        self.venues.iter().enumerate().filter_map(|(at, venue)| {
            let words = venue.models.queue_calibration.as_ref()?.describe();
            let name = "queue, measured";
            let name = at
                .checked_sub(1)
                .map_or_else(|| name.to_owned(), |at| format!("{name} at {}", self.names[at]));
            Some((name, words))
        })
    }

    /// The latencies in words, with the names of the venues that have one.
    pub fn latencies(&self) -> String {
        let first = self.venues[0].latency.describe();
        let others = self.names.iter().zip(&self.venues[1..]);
        let others = others.map(|(name, venue)| format!("{name}: {}", venue.latency.describe()));
        std::iter::once(first).chain(others).collect::<Vec<_>>().join(" | ")
    }
}
