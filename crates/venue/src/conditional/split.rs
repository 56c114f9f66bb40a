//! A split of the instrument: what waits, what hangs together and what works, in new units.

use super::{Conditional, Held};
use crate::error::VenueError;
use crate::market::Market;
use model::{
    CancelReason, Condition, Lots, ModelError, OrderKind, OrderRequest, Report, ReportKind, Split,
    Ticks, TrailOffset, UnixNanos,
};

impl Conditional {
    /// The instrument is split. Every order goes on: its quantity multiplied, its limit and trigger
    /// divided by the ratio, what comes to less than a lot cancelled ([`CancelReason::Split`]). The
    /// market forgets what it showed before.
    ///
    /// # Errors
    /// [`VenueError::Model`] when a number leaves its type.
    pub fn split(
        &mut self,
        market: &mut Market,
        split: Split,
        at: UnixNanos,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let first = out.len();
        market.split(split, at, out)?;
        for held in &mut self.held {
            held.split(split)?;
            let (order, instrument) = (held.request.id, held.request.instrument);
            let (quantity, price) = (held.total, held.limit.unwrap_or(Ticks::NONE));
            let kind = if held.is_gone() {
                ReportKind::Canceled { leaves: Lots::ZERO, reason: CancelReason::Split }
            } else {
                ReportKind::Restated { quantity, price }
            };
            if !held.request.size_at_fill || price.is_some() {
                out.push(Report { order, instrument, ts_event: at, kind });
            }
        }
        self.held.retain(|held| !held.is_gone());
        for linked in &mut self.linked {
            let filled = linked.filled;
            linked.requested = split.quantity(linked.requested)?.0;
            (linked.total, linked.filled) = split.order(linked.total, filled)?;
            let gone = |report: &Report| {
                report.order == linked.id && matches!(report.kind, ReportKind::Canceled { .. })
            };
            linked.ended |= out[first..].iter().any(gone);
        }
        self.prices.split(split)?;
        self.refresh();
        Ok(())
    }

    /// An order as it was given before a split of which its strategy could not know, in new units.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn in_new_units(
        request: &mut OrderRequest,
        condition: Option<&mut Condition>,
        split: Split,
    ) -> Result<(), ModelError> {
        if let OrderKind::Limit(limit) = request.kind {
            request.kind = OrderKind::Limit(split.limit(request.side, limit)?);
        }
        if !request.size_at_fill {
            request.quantity = split.quantity(request.quantity)?.0;
        }
        if !request.display.is_zero() {
            request.display = Lots(split.quantity(request.display)?.0.0.max(1));
        }
        condition.map_or(Ok(()), |condition| triggers_after(condition, split))
    }
}

impl Held {
    fn split(&mut self, split: Split) -> Result<(), ModelError> {
        Conditional::in_new_units(&mut self.request, Some(&mut self.condition), split)?;
        let side = self.request.side;
        self.limit = self.limit.map(|limit| split.limit(side, limit)).transpose()?;
        self.stop = split.price(self.stop)?;
        self.total = split.quantity(self.total)?.0;
        Ok(())
    }

    /// Whether less than a lot is left of it. What waits for its parent has nothing yet.
    fn is_gone(&self) -> bool {
        !self.request.size_at_fill && self.request.quantity.is_zero()
    }
}

/// A condition with its prices in new units; what is a share of the price stays.
fn triggers_after(condition: &mut Condition, split: Split) -> Result<(), ModelError> {
    let Some(trigger) = &mut condition.trigger else { return Ok(()) };
    trigger.price = split.price(trigger.price)?;
    let Some(trail) = &mut trigger.trail else { return Ok(()) };
    if let TrailOffset::Price(distance) = trail.offset {
        trail.offset = TrailOffset::Price(model::Price(split.price(distance)?.0.max(1)));
    }
    if let Some(offset) = trail.limit_offset {
        trail.limit_offset = Some(split.limit(model::Side::Buy, offset)?);
    }
    Ok(())
}
