//! The order state machine: which report may follow on which state.

use model::{OrderStatus, ReportKind};

/// What a report means to the state machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OrderEvent {
    /// The risk checks refused it.
    Denied,
    /// The venue refused it.
    Rejected,
    /// The venue took it.
    Accepted,
    /// A part executed, something is left.
    PartFilled,
    /// The last part executed.
    Filled,
    /// Its quantity or price changed.
    Modified,
    /// A change was refused.
    ModifyRejected,
    /// It was cancelled.
    Canceled,
    /// A cancel was refused.
    CancelRejected,
    /// It came into the market.
    Triggered,
    /// The venue changed it on its own account.
    Restated,
}

impl OrderEvent {
    /// All events.
    pub const ALL: [Self; 11] = [
        Self::Denied,
        Self::Rejected,
        Self::Accepted,
        Self::PartFilled,
        Self::Filled,
        Self::Modified,
        Self::ModifyRejected,
        Self::Canceled,
        Self::CancelRejected,
        Self::Triggered,
        Self::Restated,
    ];

    /// The event of a report. Whether a fill is the last one is told by its `leaves`.
    #[must_use]
    pub const fn of(kind: &ReportKind) -> Self {
        match kind {
            ReportKind::Denied(_) => Self::Denied,
            ReportKind::Accepted => Self::Accepted,
            ReportKind::Rejected(_) => Self::Rejected,
            ReportKind::Filled(fill) if fill.leaves.0 > 0 => Self::PartFilled,
            ReportKind::Filled(_) => Self::Filled,
            ReportKind::Modified { .. } => Self::Modified,
            ReportKind::ModifyRejected(_) => Self::ModifyRejected,
            ReportKind::Canceled { .. } => Self::Canceled,
            ReportKind::CancelRejected(_) => Self::CancelRejected,
            ReportKind::Triggered { .. } => Self::Triggered,
            ReportKind::Restated { .. } => Self::Restated,
        }
    }
}

/// What the state machine says to an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Go to this state (which may be the same).
    Go(OrderStatus),
    /// Go to this state, but only an order that the venue sizes at the fill may.
    IfSizedAtFill(OrderStatus),
    /// It comes late or twice; the state stays, nothing is wrong.
    Late,
    /// A fill or an answered change from before the end that is already known: its quantities
    /// count, the state stays.
    Belated,
    /// It cannot follow.
    Illegal,
}

/// The transition table. Rows are states in the order of [`OrderStatus`], columns events in the
/// order of [`OrderEvent::ALL`].
///
/// Reports may overtake each other (the acknowledgement comes after the fill, a fill after the
/// cancel that it crossed); every order of arrival ends in the same state.
#[must_use]
pub const fn verdict(from: OrderStatus, event: OrderEvent) -> Verdict {
    use OrderEvent as E;
    use OrderStatus as S;
    match from {
        S::Pending => match event {
            E::Denied => Verdict::Go(S::Denied),
            E::Rejected => Verdict::Go(S::Rejected),
            E::Accepted | E::Modified | E::Triggered | E::Restated => Verdict::Go(S::Accepted),
            E::PartFilled => Verdict::Go(S::PartiallyFilled),
            E::Filled => Verdict::Go(S::Filled),
            E::Canceled => Verdict::Go(S::Canceled),
            E::ModifyRejected | E::CancelRejected => Verdict::Go(S::Pending),
        },
        S::Accepted => match event {
            // Sized at the fill: the refusal comes at the moment of execution, after the venue
            // had taken the order.
            E::Denied => Verdict::IfSizedAtFill(S::Denied),
            E::Rejected => Verdict::IfSizedAtFill(S::Rejected),
            E::Accepted => Verdict::Late,
            E::PartFilled => Verdict::Go(S::PartiallyFilled),
            E::Filled => Verdict::Go(S::Filled),
            E::Canceled => Verdict::Go(S::Canceled),
            E::Modified | E::ModifyRejected | E::CancelRejected | E::Triggered | E::Restated => {
                Verdict::Go(S::Accepted)
            }
        },
        S::PartiallyFilled => match event {
            E::Denied | E::Rejected => Verdict::Illegal,
            E::Accepted => Verdict::Late,
            E::Filled => Verdict::Go(S::Filled),
            E::Canceled => Verdict::Go(S::Canceled),
            E::PartFilled
            | E::Modified
            | E::ModifyRejected
            | E::CancelRejected
            | E::Triggered
            | E::Restated => Verdict::Go(S::PartiallyFilled),
        },
        S::Filled => match event {
            E::Denied | E::Rejected | E::Canceled => Verdict::Illegal,
            E::Accepted | E::PartFilled | E::Filled => Verdict::Late,
            E::Modified | E::ModifyRejected | E::CancelRejected | E::Triggered | E::Restated => {
                Verdict::Late
            }
        },
        S::Canceled => match event {
            E::Denied | E::Rejected => Verdict::Illegal,
            E::PartFilled | E::Filled | E::Modified | E::ModifyRejected | E::Restated => {
                Verdict::Belated
            }
            E::Accepted | E::Canceled | E::CancelRejected | E::Triggered => Verdict::Late,
        },
        // Never worked: nothing but a repetition or an answer to a request sent meanwhile.
        S::Denied => match event {
            E::Denied | E::ModifyRejected | E::CancelRejected => Verdict::Late,
            _ => Verdict::Illegal,
        },
        S::Rejected => match event {
            E::Rejected | E::ModifyRejected | E::CancelRejected => Verdict::Late,
            _ => Verdict::Illegal,
        },
        S::Expired => match event {
            E::Denied | E::Rejected => Verdict::Illegal,
            E::PartFilled | E::Filled | E::Modified | E::ModifyRejected | E::Restated => {
                Verdict::Belated
            }
            E::Accepted | E::Canceled | E::CancelRejected | E::Triggered => Verdict::Late,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus as S;

    /// Every pair, written as one word a cell: the table a reader can check by eye.
    /// `.` illegal, `-` late, `b` belated, `s…` only when sized at the fill, else the state.
    #[test]
    fn every_pair_of_state_and_event_is_decided() {
        let columns = "den rej acc par fil mod mrj can crj tri res";
        assert_eq!(columns.split(' ').count(), OrderEvent::ALL.len());
        let table = [
            (S::Pending, "Den Rej Acc Par Fil Acc Pen Can Pen Acc Acc"),
            (S::Denied, "- . . . . . - . - . ."),
            (S::Rejected, ". - . . . . - . - . ."),
            (S::Accepted, "sDen sRej - Par Fil Acc Acc Can Acc Acc Acc"),
            (S::PartiallyFilled, ". . - Par Fil Par Par Can Par Par Par"),
            (S::Filled, ". . - - - - - . - - -"),
            (S::Canceled, ". . - b b b b - - - b"),
            (S::Expired, ". . - b b b b - - - b"),
        ];
        for (from, row) in table {
            for (event, cell) in OrderEvent::ALL.into_iter().zip(row.split(' ')) {
                let short = |s: S| format!("{s:?}")[..3].to_owned();
                let said = match verdict(from, event) {
                    Verdict::Go(to) => short(to),
                    Verdict::IfSizedAtFill(to) => format!("s{}", short(to)),
                    Verdict::Late => "-".to_owned(),
                    Verdict::Belated => "b".to_owned(),
                    Verdict::Illegal => ".".to_owned(),
                };
                assert_eq!(said, cell, "{from:?} + {event:?}");
            }
        }
    }

    #[test]
    fn a_final_state_never_changes() {
        for from in [S::Denied, S::Rejected, S::Filled, S::Canceled, S::Expired] {
            for event in OrderEvent::ALL {
                let v = verdict(from, event);
                assert!(
                    matches!(v, Verdict::Late | Verdict::Belated | Verdict::Illegal),
                    "{from:?} {event:?} {v:?}"
                );
            }
        }
    }
}
