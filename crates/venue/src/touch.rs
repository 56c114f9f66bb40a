//! Fills of orders that the market only touches.

use crate::desk::Desk;
use crate::error::VenueError;
use crate::fill_model::{FillInput, FillModel};
use crate::own::OwnOrder;
use crate::trace::{Entry, Step};
use costs::{CostError, CustomModel, ModelFault};
use model::random::counter_draw;
use model::{Bbo, Price};
use std::sync::Arc;

/// The chance of a fill where the market only touches an order's price: one draw per order and
/// visit of the price.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum TouchModel {
    /// What the data proves: in an order-by-order market the queue decides, elsewhere only what
    /// trades through fills.
    #[default]
    Proven,
    /// Always the same.
    Probability(f64),
    /// `base × reference / (reference + quantity)`: half of `base` for an order of the reference
    /// size, less for larger ones.
    SizeAware {
        /// The chance of a very small order.
        base: f64,
        /// The size at which it is half of that, in lots.
        reference: i64,
    },
    /// By the order's quantity: the first tier whose size it does not exceed; beyond all of them 0.
    Tiered(Vec<(i64, f64)>),
    /// A model of one's own.
    Custom(CustomModel<dyn FillModel>),
}

impl TouchModel {
    /// Chances by a model of one's own.
    #[must_use]
    pub fn custom(model: Arc<dyn FillModel>) -> Self {
        let name = model.name().to_owned();
        Self::Custom(CustomModel::new("venue.fill", &name, model))
    }

    /// The chance that a model of one's own gives.
    ///
    /// # Errors
    /// What the model says, and [`CostError::CustomResult`] when it is not from 0 to 1.
    #[cold]
    fn ask(model: &CustomModel<dyn FillModel>, touch: &FillInput<'_>) -> Result<f64, CostError> {
        model.ask(|model| {
            let probability = model.probability(touch)?;
            if (0.0..=1.0).contains(&probability) {
                return Ok(probability);
            }
            let value = probability.to_string();
            Err(ModelFault::Result { value, accepted: "a number from 0 to 1" })
        })
    }

    /// The chance of an order of so many lots, where one is set; a model of one's own wants to know
    /// more and has none here.
    #[must_use]
    pub fn probability(&self, lots: i64) -> Option<f64> {
        match self {
            Self::Proven | Self::Custom(_) => None,
            Self::Probability(p) => Some(*p),
            Self::SizeAware { base, reference } => {
                let reference = *reference as f64;
                Some(base * reference / (reference + lots as f64))
            }
            Self::Tiered(tiers) => {
                let tier = tiers.iter().find(|(size, _)| lots <= *size);
                Some(tier.map_or(0.0, |tier| tier.1))
            }
        }
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Proven => {
                "l3: by the queue; quotes, trades and bars: traded through only".to_owned()
            }
            Self::Probability(p) => format!("{p} per order and visit"),
            Self::SizeAware { base, reference } => {
                format!("{base} × {reference} / ({reference} + lots) per order and visit")
            }
            Self::Tiered(tiers) => {
                let words: Vec<String> =
                    tiers.iter().map(|(size, p)| format!("{p} up to {size} lots")).collect();
                format!("{} per order and visit", words.join(", "))
            }
            Self::Custom(model) => format!("custom: {}, per order and visit", model.name()),
        }
    }
}

impl Desk {
    /// Whether an order that is only touched is filled in this visit: one draw per order and
    /// visit, `default` where no probability is set.
    #[inline]
    pub fn touched(&mut self, own: &OwnOrder, default: bool) -> Result<bool, VenueError> {
        let touch = self.settings.touch();
        let probability = match (touch.probability(own.total.0), touch) {
            (Some(probability), _) => probability,
            (None, TouchModel::Custom(model)) => {
                let limit = own.limit.map(|limit| self.instrument.grid.price(limit));
                let touch = FillInput {
                    instrument: &self.instrument,
                    side: own.side,
                    price: limit.unwrap_or(Price::UNDEFINED),
                    total: own.total,
                    leaves: own.leaves(),
                    visit: own.visit,
                    arrived: own.arrived,
                    at: self.now,
                    proven: default,
                };
                TouchModel::ask(model, &touch)?
            }
            (None, _) => return Ok(default),
        };
        let filled = counter_draw(self.seed, own.id().0, own.visit) < probability;
        if !filled {
            self.counters.withheld_fills += 1;
            if let Some(trace) = self.trace.as_deref_mut().filter(|it| it.order() == own.id()) {
                trace.write(Entry::at(self.now, Step::Withheld, Bbo::EMPTY));
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::VenueSettings;

    #[test]
    fn larger_orders_may_have_smaller_chances() {
        let aware = TouchModel::SizeAware { base: 0.8, reference: 10 };
        assert_eq!((aware.probability(0), aware.probability(10)), (Some(0.8), Some(0.4)));
        let tiers = TouchModel::Tiered(vec![(1, 0.9), (10, 0.5)]);
        let chances = [1, 2, 10, 11].map(|lots| tiers.probability(lots));
        assert_eq!(chances, [Some(0.9), Some(0.5), Some(0.5), Some(0.0)]);
        for bad in [
            TouchModel::Tiered(vec![(10, 0.5), (1, 0.9)]),
            TouchModel::Tiered(vec![(1, 1.5)]),
            TouchModel::SizeAware { base: 0.5, reference: 0 },
        ] {
            let error = VenueSettings::new().with_touch(bad).unwrap_err();
            assert_eq!(error.code(), "ERR_VENUE_SETTING");
        }
    }
}
