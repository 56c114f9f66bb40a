//! What a bar does to orders that wait; the order of things is [`crate::bar::walk`]'s.

use super::trigger::{Span, reached};
use super::{Conditional, Place, Waits};
use crate::bar::BarMarket;
use crate::bar::walk::walk;
use crate::error::VenueError;
use crate::market::Market;
use crate::{Leg, Reached};
use model::{Bar, MarketEvent, OrderId, Price, Report, Sizer, TriggerKind, UnixNanos};

impl Conditional {
    /// An event of a market with orders that wait beside it: a bar is walked through with them.
    /// What they do at the end of other events is [`Self::after_event`]'s.
    ///
    /// # Errors
    /// As [`Market::on_event`].
    pub fn on_event(
        &mut self,
        market: &mut Market,
        event: &MarketEvent,
        sizer: &mut dyn Sizer,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        match (event, &market) {
            (MarketEvent::Bar(bar), Market::Bar(_)) => {
                let mut place = Place { market, sizer, out, at: bar.close_time };
                walk(Some(self), &mut place, bar)
            }
            _ => market.on_event(event, sizer, out),
        }
    }

    /// The price inside a bar from which triggers and trailing stops look.
    pub(crate) fn stand_at(&mut self, price: Price) {
        self.prices.forget();
        self.prices.print(price);
    }

    /// The bar is over.
    pub(crate) fn end_bar(&mut self) {
        self.prices.forget();
        self.refresh();
    }

    /// When a held order reached the venue.
    pub(crate) fn arrived(&self, at: usize) -> UnixNanos {
        self.held[at].arrived
    }

    /// The trigger price of an order that waits.
    pub(crate) fn stop_of(&self, id: OrderId) -> Option<Price> {
        self.position(id).map(|at| self.held[at].stop)
    }

    /// Enters an order by its id.
    pub(crate) fn enter_order(
        &mut self,
        id: OrderId,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        match self.position(id) {
            Some(at) => self.enter(at, place),
            None => Ok(()),
        }
    }

    /// The first order, by arrival, whose trigger the open has reached.
    pub(crate) fn gapped(&self, bar: &Bar, after: u64, place: &Place<'_>) -> Option<(u64, usize)> {
        let in_time = BarMarket::in_time(bar);
        let Market::Bar(market) = &*place.market else { return None };
        self.held
            .iter()
            .enumerate()
            .filter(|(_, held)| {
                let kind = held.condition.trigger.map(|trigger| trigger.kind);
                held.waits == Waits::Trigger
                    && held.arrival > after
                    && held.arrived <= in_time
                    && !market.is_born(held.request.id)
                    && held.stop.is_defined()
                    && kind
                        .is_some_and(|kind| reached(kind, held.request.side, held.stop, bar.open))
            })
            .map(|(at, held)| (held.arrival, at))
            .min()
    }

    /// The waiting order that a leg reaches first.
    pub(crate) fn nearest(
        &self,
        leg: &Leg,
        bar: &Bar,
        kinds: &dyn Fn(TriggerKind) -> bool,
        wanted: impl Fn(OrderId) -> bool,
    ) -> Option<Reached> {
        let in_time = BarMarket::in_time(bar);
        self.held
            .iter()
            .filter(|held| held.waits == Waits::Trigger && held.stop.is_defined())
            .filter_map(|held| {
                let trigger = held.condition.trigger?;
                let side = held.request.side;
                let reaches = reached(trigger.kind, side, held.stop, leg.low)
                    || reached(trigger.kind, side, held.stop, leg.high);
                let id = held.request.id;
                let takes_part = kinds(trigger.kind)
                    && (held.arrived <= in_time || held.born)
                    && reaches
                    && wanted(id);
                let (distance, arrival) = (leg.distance(held.stop), held.arrival);
                takes_part.then_some(Reached { distance, arrival, id })
            })
            .min()
    }

    /// Lets every trailing stop follow the bar; the first, by arrival, that the close then
    /// reaches, with its stop. One that began inside the bar follows the close only.
    pub(crate) fn trailing(
        &mut self,
        bar: &Bar,
        after: u64,
        place: &Place<'_>,
    ) -> Result<Option<(u64, usize, Price)>, VenueError> {
        let in_time = BarMarket::in_time(bar);
        let Market::Bar(market) = &*place.market else { return Ok(None) };
        let mut first: Option<(u64, usize, Price)> = None;
        for at in 0..self.held.len() {
            let held = &mut self.held[at];
            let Some(trigger) = held.condition.trigger else { continue };
            let takes_part = held.waits == Waits::Trigger
                && trigger.trail.is_some()
                && held.arrival > after
                && (held.arrived <= in_time || held.born);
            if !takes_part {
                continue;
            }
            let span = if market.is_born(held.request.id) {
                Span::at(bar.close)
            } else {
                Span { low: bar.low, high: bar.high }
            };
            held.follow(span)?;
            let met = reached(trigger.kind, held.request.side, held.stop, bar.close);
            let found = (held.arrival, at, held.stop);
            if met && first.is_none_or(|known| found < known) {
                first = Some(found);
            }
        }
        Ok(first)
    }
}
