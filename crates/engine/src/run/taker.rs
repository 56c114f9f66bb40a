//! Who takes rows where they come due, without the way back through the loop.

use super::Run;
use crate::row::Row;

/// Takes rows in place: a trade or quote of the only strategy that comes due is handed over from
/// within the loop that reads the records of the only source.
pub(crate) trait Taker {
    /// Whether there is anybody: where not, the loop stops at the first row that is due.
    const TAKES: bool;

    /// Takes the row at which the run stands ([`Run::only_row`]) and drops it from its queue; false
    /// when the loop is to be left.
    fn take(&mut self, run: &mut Run) -> bool;

    /// Whether it has left the loop.
    fn has_left(&self) -> bool;
}

/// Takes nothing: for the ways of a run on which no row is handed over.
pub(crate) struct Nobody;

impl Taker for Nobody {
    const TAKES: bool = false;

    fn take(&mut self, _: &mut Run) -> bool {
        false
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

    fn take(&mut self, run: &mut Run) -> bool {
        if let Some(&row) = run.only_row() {
            run.current = Row::Market(row);
            run.drop_only_row();
        }
        self.left = true;
        false
    }

    fn has_left(&self) -> bool {
        self.left
    }
}
