//! One own order as its strategy knows it, and how reports change it.

use crate::error::TradingError;
use crate::state::{OrderEvent, Verdict, verdict};
use model::{
    CancelReason, Fill, Instrument, Lots, ModelError, Money, OrderKind, OrderRequest, OrderStatus,
    OrderType, Price, Reason, Report, ReportKind, Split, Ticks, UnixNanos,
    decimal::mul_div_half_even,
};

/// An own order: what was asked for and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The order as it was submitted.
    pub request: OrderRequest,
    /// Its type.
    pub order_type: OrderType,
    /// Where it stands.
    pub status: OrderStatus,
    /// Total quantity now, in lots (0 while an order that is sized at the fill has no size yet).
    pub quantity: Lots,
    /// Limit now; `None` for a market order.
    pub limit: Option<Ticks>,
    /// Filled so far in lots.
    pub filled: Lots,
    /// Σ fill price (1e-9) × lots.
    pub filled_value: i128,
    /// Fees of its fills.
    pub fees: Money,
    /// Number of fills.
    pub fills: u32,
    /// When it was submitted.
    pub submitted_at: UnixNanos,
    /// Venue time of the latest report that changed it.
    pub updated_at: UnixNanos,
    /// A cancel is on its way.
    pub pending_cancel: bool,
    /// Changes on their way.
    pub pending_modify: u32,
    /// Why it, its latest change or its cancel was refused.
    pub reason: Option<Reason>,
    /// Why it was cancelled.
    pub cancel_reason: Option<CancelReason>,
    /// Whether a trigger or a parent has brought it into the market.
    pub triggered: bool,
    /// Largest total among the changes on their way.
    modify_ceiling: Lots,
    /// Largest total that it ever had or may have: no fill can go beyond.
    ceiling: Lots,
    /// The rest that the cancel named.
    canceled_leaves: Lots,
    /// The rest that the latest fill named.
    last_leaves: Lots,
    /// Time, total and limit of the latest change that was answered.
    last_answer: Option<(UnixNanos, Lots, Ticks)>,
    /// Fills seen, by time: what a doubled report is known by.
    seen: Vec<SeenFill>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SeenFill {
    ts_event: UnixNanos,
    price: Price,
    quantity: Lots,
    leaves: Lots,
}

impl Order {
    /// A pending order.
    #[must_use]
    pub fn new(request: OrderRequest, order_type: OrderType, at: UnixNanos) -> Self {
        let quantity = if request.size_at_fill { Lots::ZERO } else { request.quantity };
        Self {
            request,
            order_type,
            status: OrderStatus::Pending,
            quantity,
            limit: request.kind.limit(),
            filled: Lots::ZERO,
            filled_value: 0,
            fees: Money::ZERO,
            fills: 0,
            submitted_at: at,
            updated_at: at,
            pending_cancel: false,
            pending_modify: 0,
            reason: None,
            cancel_reason: None,
            triggered: false,
            modify_ceiling: Lots::ZERO,
            ceiling: quantity,
            canceled_leaves: Lots::ZERO,
            last_leaves: Lots::ZERO,
            last_answer: None,
            seen: Vec::new(),
        }
    }

    /// What is left to fill: 0 once the order has ended.
    #[inline]
    #[must_use]
    pub fn leaves(&self) -> Lots {
        if self.status.is_final() {
            Lots::ZERO
        } else {
            Lots((self.quantity - self.filled).0.max(0))
        }
    }

    /// What may still fill, with the largest change on its way granted: what risk must count. An
    /// order that only reduces the position opens nothing.
    #[inline]
    #[must_use]
    pub fn exposure(&self) -> Lots {
        if self.status.is_final() || self.request.reduce_only {
            return Lots::ZERO;
        }
        let total = self.quantity.0.max(self.modify_ceiling.0);
        Lots((total - self.filled.0).max(0))
    }

    /// Whether it has ended and every fill before its end has been seen.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self.status {
            OrderStatus::Canceled | OrderStatus::Expired => {
                // A larger total may have been granted before the end.
                let grows = self.pending_modify > 0 && self.modify_ceiling > self.quantity;
                let whole = self.canceled_leaves + self.filled == self.quantity;
                (whole && !grows) || (self.request.size_at_fill && self.filled.is_zero())
            }
            status => status.is_final(),
        }
    }

    /// Average fill price in 1e-9, rounded half to even; `None` before the first fill.
    #[must_use]
    pub fn average_price(&self) -> Option<Price> {
        let price = mul_div_half_even(self.filled_value, 1, i128::from(self.filled.0), "average");
        i64::try_from(price.ok()?).ok().map(Price)
    }

    /// Money value of its fills: of an inverse contract at their average price.
    ///
    /// # Errors
    /// [`ModelError::Overflow`].
    pub fn filled_notional(&self, instrument: &Instrument) -> Result<Money, ModelError> {
        let overflow = ModelError::Overflow { what: "notional" };
        if instrument.inverse {
            let average = self.average_price();
            return average
                .map_or(Ok(Money::ZERO), |price| instrument.notional(price, self.filled));
        }
        let value = self.filled_value.checked_mul(i128::from(instrument.lot_size.0));
        let value = Money(value.ok_or(overflow)? / 1_000_000_000);
        value.scale(i128::from(instrument.multiplier.0), 1_000_000_000)
    }

    pub(crate) fn begin_modify(&mut self, total: Option<Lots>) {
        self.pending_modify = self.pending_modify.saturating_add(1);
        if let Some(total) = total {
            self.modify_ceiling = Lots(self.modify_ceiling.0.max(total.0));
            self.ceiling = Lots(self.ceiling.0.max(total.0));
        }
    }

    fn end_modify(&mut self) {
        self.pending_modify = self.pending_modify.saturating_sub(1);
        if self.pending_modify == 0 {
            self.modify_ceiling = Lots::ZERO;
        }
    }

    /// Applies a report. `Ok(true)`: it said something new. `Ok(false)`: it came late or twice.
    ///
    /// # Errors
    /// [`TradingError::Transition`] or [`TradingError::Field`]; the order is then as it was.
    pub(crate) fn apply(&mut self, report: &Report) -> Result<bool, TradingError> {
        let event = OrderEvent::of(&report.kind);
        let number = self.request.id.number();
        let refuse = || TradingError::Transition { number, from: self.status, event };
        let next = match verdict(self.status, event) {
            Verdict::Go(next) => next,
            Verdict::IfSizedAtFill(next) if self.request.size_at_fill => next,
            Verdict::IfSizedAtFill(_) | Verdict::Illegal => return Err(refuse()),
            Verdict::Belated => self.status,
            Verdict::Late => return Ok(false),
        };
        let mut status = next;
        match report.kind {
            ReportKind::Denied(reason) | ReportKind::Rejected(reason) => self.reason = Some(reason),
            ReportKind::Accepted => {}
            ReportKind::Filled(fill) => {
                if self.is_doubled(&fill) {
                    return Ok(false);
                }
                self.count_fill(&fill)?;
            }
            ReportKind::Modified { quantity, price } => {
                if !self.change(quantity, price, report.ts_event)? {
                    return Ok(false);
                }
            }
            ReportKind::ModifyRejected(reason) => {
                self.end_modify();
                self.reason = Some(reason);
            }
            ReportKind::Triggered { price } => {
                self.triggered = true;
                self.take_limit(price);
            }
            ReportKind::Restated { quantity, price } => {
                self.restate(quantity, price, report.ts_event)?;
            }
            ReportKind::Canceled { leaves, reason } => {
                if reason == CancelReason::Expired {
                    status = OrderStatus::Expired;
                }
                self.check_canceled(leaves)?;
                self.canceled_leaves = leaves;
                self.cancel_reason = Some(reason);
            }
            ReportKind::CancelRejected(reason) => {
                self.pending_cancel = false;
                self.reason = Some(reason);
            }
        }
        if !status.is_final() || status == OrderStatus::Filled {
            status = self.working_status(status);
        }
        self.status = status;
        if status.is_final() {
            self.pending_cancel = false;
        }
        self.updated_at = self.updated_at.max(report.ts_event);
        Ok(true)
    }

    /// The state that the filled quantity means, whatever the order of the reports.
    fn working_status(&self, proposed: OrderStatus) -> OrderStatus {
        if self.filled.is_zero() {
            return proposed;
        }
        // A larger total may be granted already: the fill says that something is left.
        let grows = self.modify_ceiling > self.quantity && !self.last_leaves.is_zero();
        if self.filled >= self.quantity && !grows {
            OrderStatus::Filled
        } else {
            OrderStatus::PartiallyFilled
        }
    }

    fn is_doubled(&self, fill: &Fill) -> bool {
        let key = seen_key(fill);
        self.seen.iter().rev().take_while(|s| s.ts_event >= key.ts_event).any(|s| *s == key)
    }

    fn count_fill(&mut self, fill: &Fill) -> Result<(), TradingError> {
        crate::account::check_fill(fill)?;
        let request = &self.request;
        let number = request.id.number();
        let field =
            |field, value, accepted: String| TradingError::Field { number, field, value, accepted };
        let unsized_yet = request.size_at_fill && self.quantity.is_zero();
        let (side, total, ceiling) = if unsized_yet {
            let total = fill.quantity + fill.leaves;
            (fill.side, total, total)
        } else {
            (request.side, self.quantity, self.ceiling)
        };
        if fill.side != side {
            return Err(field("fill side", fill.side as i64, format!("{side:?}")));
        }
        if fill.instrument != request.instrument {
            let index = i64::from(fill.instrument.0);
            return Err(field("fill instrument", index, request.instrument.0.to_string()));
        }
        // What may still fill: after a cancel only what had filled before it.
        let gone = if self.status.is_final() { self.canceled_leaves.0 } else { 0 };
        let room = ceiling.0 - gone - self.filled.0;
        if fill.quantity.0 > room {
            return Err(field("fill quantity", fill.quantity.0, format!("at most {room}")));
        }
        let overflow = ModelError::Overflow { what: "fills of an order" };
        let value = i128::from(fill.price.0)
            .checked_mul(i128::from(fill.quantity.0))
            .and_then(|v| self.filled_value.checked_add(v))
            .ok_or(overflow)?;
        let fees = self.fees.checked_add(fill.fee)?;
        if unsized_yet {
            self.request.side = fill.side;
            self.request.quantity = total;
            self.ceiling = total;
        }
        let filled = self.filled + fill.quantity;
        self.quantity = Lots(total.0.max(if self.status.is_final() { 0 } else { filled.0 }));
        self.filled = filled;
        self.filled_value = value;
        self.fees = fees;
        self.fills = self.fills.saturating_add(1);
        self.last_leaves = fill.leaves;
        let at = self.seen.partition_point(|s| s.ts_event <= fill.ts_event);
        self.seen.insert(at, seen_key(fill));
        Ok(())
    }

    /// Applies an answered change; `Ok(false)` when it is a repetition.
    fn change(
        &mut self,
        quantity: Lots,
        price: Ticks,
        at: UnixNanos,
    ) -> Result<bool, TradingError> {
        self.check_total(quantity)?;
        let answer = (at, quantity, price);
        if self.last_answer == Some(answer) && self.pending_modify == 0 {
            return Ok(false);
        }
        self.end_modify();
        self.ceiling = Lots(self.ceiling.0.max(quantity.0));
        if self.last_answer.is_some_and(|(last, _, _)| at < last) {
            return Ok(true); // overtaken by a later change, which stands
        }
        self.last_answer = Some(answer);
        // After the end the rest that the cancel named tells what had filled by then.
        self.quantity =
            if self.status.is_final() { quantity } else { Lots(quantity.0.max(self.filled.0)) };
        self.take_limit(price);
        Ok(true)
    }

    /// A limit that the venue names: of an order that has one, or has yet to find one.
    fn take_limit(&mut self, price: Ticks) {
        if price.is_some()
            && (self.limit.is_some() || self.request.kind == OrderKind::MarketToLimit)
        {
            self.limit = Some(price);
        }
    }

    /// The venue gave the order another total or limit without being asked.
    fn restate(&mut self, quantity: Lots, price: Ticks, at: UnixNanos) -> Result<(), TradingError> {
        self.check_total(quantity)?;
        self.ceiling = Lots(self.ceiling.0.max(quantity.0));
        if self.last_answer.is_some_and(|(last, _, _)| at < last) {
            return Ok(());
        }
        self.quantity =
            if self.status.is_final() { quantity } else { Lots(quantity.0.max(self.filled.0)) };
        self.take_limit(price);
        Ok(())
    }

    /// Its instrument was split: all of it in new units, what is filled too. An order that has ended
    /// stays in the units in which it traded.
    pub(crate) fn split(&mut self, split: Split) -> Result<(), ModelError> {
        let side = self.request.side;
        let limit = self.limit.map(|limit| split.limit(side, limit)).transpose()?;
        let (quantity, filled) = split.order(self.quantity, self.filled)?;
        let (ceiling, _) = split.order(self.ceiling, self.filled)?;
        let (asked, _) = split.order(self.modify_ceiling, Lots::ZERO)?;
        let leaves = split.quantity(self.last_leaves)?.0;
        if let (OrderKind::Limit(_), Some(limit)) = (self.request.kind, limit) {
            self.request.kind = OrderKind::Limit(limit);
        }
        if !self.request.size_at_fill {
            self.request.quantity = quantity;
        }
        self.limit = limit;
        (self.quantity, self.filled, self.ceiling) = (quantity, filled, ceiling);
        (self.modify_ceiling, self.last_leaves) = (asked, leaves);
        Ok(())
    }

    fn check_total(&self, quantity: Lots) -> Result<(), TradingError> {
        if quantity.0 >= 0 {
            return Ok(());
        }
        Err(TradingError::Field {
            number: self.request.id.number(),
            field: "modified quantity",
            value: quantity.0,
            accepted: "0 or above".to_owned(),
        })
    }

    fn check_canceled(&self, leaves: Lots) -> Result<(), TradingError> {
        let unsized_yet = self.request.size_at_fill && self.quantity.is_zero();
        let most = self.ceiling.0 - self.filled.0;
        if leaves.0 < 0 || (leaves.0 > most && !unsized_yet) {
            return Err(TradingError::Field {
                number: self.request.id.number(),
                field: "canceled leaves",
                value: leaves.0,
                accepted: format!("0 to {most}"),
            });
        }
        Ok(())
    }
}

fn seen_key(fill: &Fill) -> SeenFill {
    SeenFill {
        ts_event: fill.ts_event,
        price: fill.price,
        quantity: fill.quantity,
        leaves: fill.leaves,
    }
}
