//! Whether a depth frame continues the book.

/// What becomes of a depth frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// It continues the book.
    Apply,
    /// It is older than the book, or came twice.
    Old,
    /// The book is not known yet.
    Wait,
    /// Something between the book and the frame is missing: the book ends at `known`.
    Gap { known: u64 },
}

/// Numbers of the changes of a depth frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub first: u64,
    pub last: u64,
    /// Futures name the last change of the frame before.
    pub previous: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    /// No snapshot yet, or none since a gap.
    #[default]
    Unknown,
    /// Any frame begins the book.
    FromNothing,
    /// A snapshot was taken in; the next frame must contain it.
    Snapshot(u64),
    /// A frame was taken in; the next one must follow it.
    Frame(u64),
}

/// How far the book of a symbol is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sequence(State);

impl Sequence {
    /// A book that is known from the first frame on.
    pub fn from_nothing() -> Self {
        Self(State::FromNothing)
    }

    /// Judges a frame and, where it continues the book, goes on with it.
    pub fn judge(&mut self, span: Span) -> Verdict {
        let verdict = match (self.0, span.previous) {
            (State::Unknown, _) => Verdict::Wait,
            (State::FromNothing, _) => Verdict::Apply,
            (State::Snapshot(id), Some(previous)) => {
                if span.last < id {
                    Verdict::Old
                } else if span.first <= id || previous == id {
                    Verdict::Apply
                } else {
                    Verdict::Gap { known: id }
                }
            }
            (State::Frame(id), Some(previous)) => {
                if span.last <= id {
                    Verdict::Old
                } else if previous == id {
                    Verdict::Apply
                } else {
                    Verdict::Gap { known: id }
                }
            }
            (State::Snapshot(id) | State::Frame(id), None) => {
                if span.last <= id {
                    Verdict::Old
                } else if span.first <= id.saturating_add(1) {
                    Verdict::Apply
                } else {
                    Verdict::Gap { known: id }
                }
            }
        };
        if verdict == Verdict::Apply {
            self.0 = State::Frame(span.last);
        }
        verdict
    }

    /// Takes a snapshot in, unless the book is already further or the frames `held` since do not
    /// contain it (it is older than the recording, and another one must be asked for).
    pub fn snapshot<'s>(&mut self, id: u64, held: impl IntoIterator<Item = &'s Span>) -> bool {
        if let State::Frame(known) | State::Snapshot(known) = self.0
            && known >= id
        {
            return false;
        }
        let mut trial = Self(State::Snapshot(id));
        let first = held.into_iter().map(|span| trial.judge(*span)).find(|v| *v != Verdict::Old);
        if matches!(first, Some(Verdict::Gap { .. })) {
            return false;
        }
        self.0 = State::Snapshot(id);
        true
    }

    /// Forgets the book, after a gap.
    pub fn forget(&mut self) {
        self.0 = State::Unknown;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(first: u64, last: u64) -> Span {
        Span { first, last, previous: None }
    }

    fn futures(first: u64, last: u64, previous: u64) -> Span {
        Span { first, last, previous: Some(previous) }
    }

    /// exchanges.md line 44: spot drops `u ≤ lastUpdateId`, begins with the frame that contains it,
    /// ignores what came, and `U > local + 1` is a gap.
    #[test]
    fn spot_begins_at_the_snapshot_and_goes_on_without_holes() {
        let mut book = Sequence::default();
        assert_eq!(book.judge(spot(90, 95)), Verdict::Wait);
        assert!(book.snapshot(100, &[spot(90, 95), spot(96, 102)]));
        assert_eq!(book.judge(spot(90, 100)), Verdict::Old);
        assert_eq!(book.judge(spot(96, 102)), Verdict::Apply);
        assert_eq!(book.judge(spot(96, 102)), Verdict::Old);
        assert_eq!(book.judge(spot(103, 103)), Verdict::Apply);
        assert_eq!(book.judge(spot(105, 106)), Verdict::Gap { known: 103 });
    }

    /// exchanges.md line 45: futures drop `u < lastUpdateId`, begin with `U ≤ L ≤ u` or `pu = L`, and
    /// go on with `pu = u` of the frame before, whatever `U` is.
    #[test]
    fn futures_go_on_by_the_number_of_the_frame_before() {
        let mut book = Sequence::default();
        assert!(book.snapshot(100, &[]));
        assert_eq!(book.judge(futures(80, 99, 70)), Verdict::Old);
        assert_eq!(book.judge(futures(110, 120, 100)), Verdict::Apply, "pu = L");
        assert_eq!(book.judge(futures(150, 160, 120)), Verdict::Apply, "U is not u + 1");
        assert_eq!(book.judge(futures(161, 170, 159)), Verdict::Gap { known: 160 });
        let mut book = Sequence::default();
        assert!(book.snapshot(100, &[]));
        assert_eq!(book.judge(futures(90, 100, 80)), Verdict::Apply, "u = L is kept");
    }

    #[test]
    fn a_snapshot_older_than_what_is_held_is_no_beginning() {
        let mut book = Sequence::default();
        assert!(!book.snapshot(100, &[spot(102, 110)]));
        assert_eq!(book.judge(spot(111, 112)), Verdict::Wait);
        assert!(book.snapshot(105, &[spot(102, 110), spot(111, 112)]));
        assert_eq!(book.judge(spot(102, 110)), Verdict::Apply);
        assert!(!book.snapshot(109, &[]), "the book is further");
        book.forget();
        assert_eq!(book.judge(spot(111, 112)), Verdict::Wait);
    }
}
