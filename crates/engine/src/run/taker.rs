//! Who takes rows where they come due, without the way back through the loop.

use super::Run;
use crate::row::Row;

/// What whoever takes a row wants next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Then {
    /// The next row.
    GoOn,
    /// To leave the loop.
    Leave,
    /// To leave the loop once everything up to and including this time has been read: nothing of
    /// it can depend on what is done at the row.
    LeaveAt(u64),
}

/// Takes rows in place: a trade or quote of the only strategy that comes due is handed over from
/// within the loop that reads the records of the only source.
pub(crate) trait Taker {
    /// Whether there is anybody: where not, the loop stops at the first row that is due.
    const TAKES: bool;

    /// Takes the row at which the run stands ([`Run::only_row`]) and drops it from its queue.
    fn take(&mut self, run: &mut Run) -> Then;

    /// Whether it has left the loop.
    fn has_left(&self) -> bool;
}

/// Takes nothing: for the ways of a run on which no row is handed over.
pub(crate) struct Nobody;

impl Taker for Nobody {
    const TAKES: bool = false;

    fn take(&mut self, _: &mut Run) -> Then {
        Then::Leave
    }

    fn has_left(&self) -> bool {
        false
    }
}

/// Takes one row and leaves: it is then [`Run::row`].
#[derive(Default)]
pub(crate) struct OneByOne {
    left: bool,
}

impl Taker for OneByOne {
    const TAKES: bool = true;

    fn take(&mut self, run: &mut Run) -> Then {
        if let Some(&row) = run.only_row() {
            run.current = Row::Market(row);
            run.drop_only_row();
        }
        self.left = true;
        Then::Leave
    }

    fn has_left(&self) -> bool {
        self.left
    }
}
