//! The trading phase of a recorded order-by-order stream, stated or inferred.
//!
//! Where a status (or the configuration) states the phase, it holds. Where none does, the venue
//! infers it from the stream, conservatively: nothing matches until something proves that the
//! market trades.
//!
//! - It starts in [`TradingPhase::PreOpen`].
//! - The first F record, or T record that names a side, opens it (ESH4 opens so; a T without a
//!   side alone may be an off-market print).
//! - A stream that begins without a snapshot, so that its book is built from nothing in sight,
//!   opens also with the first event that leaves a two-sided book which is neither locked nor
//!   crossed: only an opening auction would have let orders cross, and none did. A stream that
//!   begins with a snapshot waits for its first trade, because an uncrossed snapshot may be taken
//!   before the orders that cross (on ESH4 34 such events precede the first crossing).
//! - An event that leaves the book locked or crossed shows that nothing matches: from then on it
//!   is [`TradingPhase::PreOpen`] again, until the next trade.

use model::{Bbo, TradingPhase};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inferred {
    /// Nothing proved yet; whether a snapshot came first.
    Unopened { snapshot: bool },
    /// Trading.
    Open,
    /// The book was locked or crossed: until the next trade.
    Crossed,
}

/// The phase and what it rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phase {
    stated: Option<TradingPhase>,
    inferred: Inferred,
}

impl Phase {
    pub fn new(stated: Option<TradingPhase>) -> Self {
        Self { stated, inferred: Inferred::Unopened { snapshot: false } }
    }

    /// The phase now.
    pub fn get(&self) -> TradingPhase {
        self.stated.unwrap_or(match self.inferred {
            Inferred::Open => TradingPhase::Trading,
            Inferred::Unopened { .. } | Inferred::Crossed => TradingPhase::PreOpen,
        })
    }

    #[inline]
    pub fn is_trading(&self) -> bool {
        self.get() == TradingPhase::Trading
    }

    /// Whether the stream decides the phase.
    #[inline]
    pub fn is_inferred(&self) -> bool {
        self.stated.is_none()
    }

    pub fn state(&mut self, phase: TradingPhase) {
        self.stated = Some(phase);
    }

    /// A snapshot record came.
    pub fn snapshot(&mut self) {
        if let Inferred::Unopened { .. } = self.inferred {
            self.inferred = Inferred::Unopened { snapshot: true };
        }
    }

    /// A trade came.
    pub fn traded(&mut self) {
        self.inferred = Inferred::Open;
    }

    /// An event ended with this book.
    pub fn event_ended(&mut self, bbo: &Bbo) {
        if bbo.is_locked_or_crossed() {
            self.inferred = Inferred::Crossed;
        } else if self.inferred == (Inferred::Unopened { snapshot: false }) && bbo.is_two_sided() {
            self.inferred = Inferred::Open;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Lots, Ticks};

    fn bbo(bid: i64, ask: i64) -> Bbo {
        Bbo { bid: Ticks(bid), ask: Ticks(ask), bid_size: Lots(1), ask_size: Lots(1), ..Bbo::EMPTY }
    }

    #[test]
    fn a_stream_without_a_snapshot_opens_with_its_first_uncrossed_book() {
        let mut phase = Phase::new(None);
        phase.event_ended(&Bbo { bid: Ticks(5), ..Bbo::EMPTY });
        assert!(!phase.is_trading());
        phase.event_ended(&bbo(5, 6));
        assert!(phase.is_trading());
    }

    #[test]
    fn a_stream_with_a_snapshot_waits_for_its_first_trade() {
        let mut phase = Phase::new(None);
        phase.snapshot();
        phase.event_ended(&bbo(5, 6));
        assert!(!phase.is_trading());
        phase.traded();
        assert!(phase.is_trading());
        phase.snapshot();
        assert!(phase.is_trading(), "a later snapshot closes nothing");
    }

    #[test]
    fn a_crossed_book_stops_matching_until_the_next_trade() {
        let mut phase = Phase::new(None);
        phase.event_ended(&bbo(5, 6));
        phase.event_ended(&bbo(6, 6));
        assert!(!phase.is_trading());
        phase.event_ended(&bbo(5, 6));
        assert!(!phase.is_trading());
        phase.traded();
        assert!(phase.is_trading());
    }

    #[test]
    fn a_stated_phase_overrules_the_stream() {
        let mut phase = Phase::new(Some(TradingPhase::Halted));
        phase.traded();
        assert_eq!(phase.get(), TradingPhase::Halted);
        phase.state(TradingPhase::Trading);
        phase.event_ended(&bbo(6, 5));
        assert!(phase.is_trading() && !phase.is_inferred());
    }
}
