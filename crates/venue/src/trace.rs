//! Why an order was filled or not: what one order meets at the venue, entry by entry.
//!
//! A market that is given a [`Trace`] writes down what concerns its order: commands that arrive,
//! what stands ahead whenever that changes, every trade at a price that the order accepts, what was
//! given to it and by which rule. The trace changes nothing else: a traced run is the same run.

use model::{Bbo, FillBasis, Lots, OrderId, Price, ReportKind, Ticks, UnixNanos};

/// What an entry tells.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step {
    /// A command on the order arrived at the venue.
    Arrived,
    /// What stands ahead of it is something else now.
    Queue,
    /// A trade was printed at a price that its limit accepts.
    Trade,
    /// A recorded order was executed at its price or beyond.
    Execution,
    /// An order of the other side arrived at or through its limit: the quantity is what no own order
    /// had taken of it before.
    Crossing,
    /// It was given a quantity.
    Match,
    /// It was touched, and the draw at touch said no.
    Withheld,
    /// The venue reported on it.
    Report(ReportKind),
}

/// What made it so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The order, a change of it, its cancel, or the end of its time in force.
    Submit,
    /// See [`Cause::Submit`].
    Modify,
    /// See [`Cause::Submit`].
    Cancel,
    /// See [`Cause::Submit`].
    Expire,
    /// It took its place at the back of the queue.
    Placed,
    /// It stands in no queue any more.
    Left,
    /// An order ahead of it was cancelled, in whole or in part.
    Canceled,
    /// An order ahead of it was executed.
    Executed,
    /// An order ahead of it was modified.
    Modified,
    /// The venue cleared its book.
    Cleared,
    /// A snapshot listed the book anew.
    Snapshot,
    /// The displayed size of its level changed: what left ahead of it is estimated.
    Resized,
    /// A trade at its price took what stood ahead.
    Traded,
    /// What came to its limit was the far end of a bar.
    FarEnd,
    /// The execution was of an order ahead of it.
    Ahead,
    /// The execution was of an order behind it.
    Behind,
    /// The execution was at a price beyond its own.
    Beyond,
    /// It takes what rests on the other side.
    Taken,
    /// Volume was executed behind it in the queue of its price.
    BehindInQueue,
    /// Volume was executed at a price beyond its own.
    TradedThrough,
    /// An order of the other side arrived at or through its limit.
    OtherSideArrived,
    /// The aggressor had more volume than recorded orders account for.
    Unaccounted,
    /// Volume of a recorded order that own orders had taken before passed to the next in the queue.
    PassedOn,
    /// Its share under the pro-rata model.
    ProRata,
    /// A trade at its price was larger than what stood ahead of it.
    FrontPassed,
    /// The display of the other side came to its limit or through it.
    QuoteReached,
    /// A trade was printed at its limit, and the draw at touch said yes.
    Touched,
    /// The bar opened beyond its limit.
    OpenBeyond,
    /// The price walked through its limit inside the bar.
    BarThrough,
    /// The bar opened: a market order executes there.
    AtOpen,
    /// The session opened or closed: an order for that moment executes there.
    AtSession,
}

impl Cause {
    /// What a resting order's fill by this rule rests on.
    #[must_use]
    pub const fn basis(self) -> FillBasis {
        match self {
            Self::Touched | Self::Unaccounted => FillBasis::Touch,
            Self::BehindInQueue | Self::PassedOn | Self::ProRata | Self::FrontPassed => {
                FillBasis::Queue
            }
            Self::Taken => FillBasis::Taken,
            _ => FillBasis::Through,
        }
    }

    /// The word in tables: stable.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Modify => "modify",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Placed => "placed",
            Self::Left => "left",
            Self::Canceled => "canceled",
            Self::Executed => "executed",
            Self::Modified => "modified",
            Self::Cleared => "cleared",
            Self::Snapshot => "snapshot",
            Self::Resized => "resized",
            Self::Traded => "traded",
            Self::FarEnd => "far_end",
            Self::Ahead => "ahead",
            Self::Behind => "behind",
            Self::Beyond => "beyond",
            Self::Taken => "taken",
            Self::BehindInQueue => "behind_in_queue",
            Self::TradedThrough => "traded_through",
            Self::OtherSideArrived => "other_side_arrived",
            Self::Unaccounted => "unaccounted",
            Self::PassedOn => "passed_on",
            Self::ProRata => "pro_rata",
            Self::FrontPassed => "front_passed",
            Self::QuoteReached => "quote_reached",
            Self::Touched => "touched",
            Self::OpenBeyond => "open_beyond",
            Self::BarThrough => "bar_through",
            Self::AtOpen => "at_open",
            Self::AtSession => "at_session",
        }
    }
}

/// What stands ahead of an order at its price.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ahead {
    /// Lots; with fraction where the place is estimated.
    pub lots: f64,
    /// Orders, where the source shows them.
    pub orders: Option<u32>,
}

/// One entry.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entry {
    /// When, at the venue.
    pub time: UnixNanos,
    /// What happened.
    pub step: Step,
    /// Why.
    pub cause: Option<Cause>,
    /// Its price: of a command or report, a trade, an execution.
    pub price: Option<Price>,
    /// Its quantity.
    pub quantity: Option<Lots>,
    /// What stands ahead of the order after it.
    pub ahead: Option<Ahead>,
    /// Of a command: the price at which its trigger goes off.
    pub trigger: Option<Price>,
    /// The recorded order that it came from; 0 for none.
    pub record: u64,
    /// Best prices then.
    pub bid: Ticks,
    /// See [`Entry::bid`].
    pub ask: Ticks,
}

/// Most entries of a trace; beyond it only reports and what was given to the order are kept.
pub const MOST_ENTRIES: usize = 100_000;

/// The trace of one order.
#[derive(Clone, Debug)]
pub struct Trace {
    order: OrderId,
    entries: Vec<Entry>,
    omitted: u64,
    ahead: Option<Ahead>,
    /// The rule that is being applied, to whichever order.
    rule: Option<Cause>,
    /// The rule by which this order was given what the next fill reports.
    decided: Option<Cause>,
}

impl Trace {
    /// An empty trace of this order.
    #[must_use]
    pub const fn new(order: OrderId) -> Self {
        Self { order, entries: Vec::new(), omitted: 0, ahead: None, rule: None, decided: None }
    }

    /// The order.
    #[must_use]
    pub const fn order(&self) -> OrderId {
        self.order
    }

    /// What was written, in the order in which it happened.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Entries that found no room.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// Writes an entry.
    pub fn write(&mut self, entry: Entry) {
        let decides = matches!(entry.step, Step::Report(_) | Step::Match | Step::Arrived);
        if self.entries.len() < MOST_ENTRIES || decides {
            self.entries.push(Entry { ahead: entry.ahead.or(self.ahead), ..entry });
        } else {
            self.omitted += 1;
        }
    }

    /// Writes where the order stands, if that is another place than before.
    pub(crate) fn place(&mut self, ahead: Option<Ahead>, entry: Entry) {
        if ahead == self.ahead {
            return;
        }
        let cause = match (self.ahead, ahead) {
            (None, Some(_)) => Some(Cause::Placed),
            (Some(_), None) => Some(Cause::Left),
            _ => entry.cause,
        };
        self.ahead = ahead;
        self.write(Entry { cause, ahead, ..entry });
    }

    /// The order is given a quantity, by the rule that was named last.
    pub(crate) fn give(&mut self, time: UnixNanos, price: Price, quantity: Lots, bbo: Bbo) {
        let cause = self.rule;
        self.decided = cause;
        let (price, quantity) = (Some(price), Some(quantity));
        self.write(Entry { cause, price, quantity, ..Entry::at(time, Step::Match, bbo) });
    }

    /// Names the rule that is applied from here on.
    pub(crate) fn because(&mut self, rule: Cause) {
        self.rule = Some(rule);
    }

    /// Names the rule by which this order executes at once.
    pub(crate) fn decide(&mut self, rule: Cause) {
        self.decided = Some(rule);
    }

    /// Writes what the venue reported; fills with the rule that decided.
    pub fn report(&mut self, time: UnixNanos, kind: ReportKind, bbo: Bbo) {
        let mut entry = Entry::at(time, Step::Report(kind), bbo);
        match kind {
            ReportKind::Filled(fill) => {
                (entry.price, entry.quantity) = (Some(fill.price), Some(fill.quantity));
                entry.cause = self.decided;
            }
            ReportKind::Canceled { leaves, .. } => entry.quantity = Some(leaves),
            ReportKind::Modified { quantity, .. } | ReportKind::Restated { quantity, .. } => {
                entry.quantity = Some(quantity);
            }
            _ => {}
        }
        self.write(entry);
    }
}

impl Entry {
    /// An entry that says nothing but when and what.
    #[must_use]
    pub const fn at(time: UnixNanos, step: Step, bbo: Bbo) -> Self {
        Self {
            time,
            step,
            cause: None,
            price: None,
            quantity: None,
            ahead: None,
            trigger: None,
            record: 0,
            bid: bbo.bid,
            ask: bbo.ask,
        }
    }
}
