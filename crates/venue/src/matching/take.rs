//! An order that executes against the book: level by level, with self-trade prevention.

use super::{Allocation, CancelCause, MatchEvent, MatchingEngine, SelfTradePrevention, Taker};
use book::Slot;
use model::{Lots, Ticks};

impl MatchingEngine {
    /// Executes what the other side offers within the limit.
    #[inline]
    pub(super) fn take(&mut self, taker: &mut Taker, events: &mut Vec<MatchEvent>) {
        let other = taker.side.opposite();
        let by_time = matches!(self.settings.allocation(), Allocation::PriceTime);
        while taker.leaves > 0 {
            let Some((price, slot)) = self.book.front(other) else { return };
            if taker.limit.is_some_and(|limit| !taker.side.accepts(limit, price)) {
                return;
            }
            if by_time {
                self.take_front(taker, price, slot, events);
            } else {
                self.take_level(taker, price, events);
            }
        }
    }

    /// Trades with the first order of a level, or does what self-trade prevention says.
    #[inline(always)]
    pub(super) fn take_front(
        &mut self,
        taker: &mut Taker,
        price: Ticks,
        slot: Slot,
        events: &mut Vec<MatchEvent>,
    ) {
        if self.settings.self_trade_prevention() != SelfTradePrevention::None
            && self.owners[slot.index()].participant == taker.participant
        {
            self.prevent(taker, slot, events);
            return;
        }
        let shown = self.book.id_and_size(slot).1;
        self.trade(taker, price, slot, taker.leaves.min(shown), events);
    }

    /// Trades so many lots, at most what is shown, with the order in a slot.
    #[inline(always)]
    pub(super) fn trade(
        &mut self,
        taker: &mut Taker,
        price: Ticks,
        slot: Slot,
        quantity: u32,
        events: &mut Vec<MatchEvent>,
    ) {
        let (maker, shown) = self.book.id_and_size(slot);
        let hidden = self.owners[slot.index()].hidden;
        taker.leaves -= quantity;
        self.last = Some(price);
        let maker_leaves = u64::from(shown - quantity) + u64::from(hidden);
        events.push(MatchEvent::Traded {
            maker,
            taker: taker.id,
            price,
            quantity: Lots(i64::from(quantity)),
            maker_leaves: Lots(maker_leaves as i64),
            taker_leaves: Lots(i64::from(taker.leaves)),
        });
        self.take_shown(slot, shown, quantity);
    }

    /// Takes lots off what an order shows; an iceberg shows its next slice at the back.
    #[inline(always)]
    pub(super) fn take_shown(&mut self, slot: Slot, shown: u32, quantity: u32) {
        let owner = &mut self.owners[slot.index()];
        if quantity == shown && owner.hidden > 0 {
            let next = owner.hidden.min(owner.display);
            owner.hidden -= next;
            self.book.requeue(slot, next);
        } else {
            self.book.take(slot, quantity);
        }
    }

    /// The order in a slot is the taker's own.
    #[cold]
    #[inline(never)]
    pub(super) fn prevent(&mut self, taker: &mut Taker, slot: Slot, events: &mut Vec<MatchEvent>) {
        let cause = CancelCause::SelfTrade;
        let (maker, shown) = self.book.id_and_size(slot);
        let rests = shown + self.owners[slot.index()].hidden;
        let newest = |taker: &mut Taker, events: &mut Vec<MatchEvent>| {
            let quantity = Lots(i64::from(std::mem::take(&mut taker.leaves)));
            events.push(MatchEvent::Canceled { id: taker.id, quantity, leaves: Lots::ZERO, cause });
        };
        match self.settings.self_trade_prevention() {
            SelfTradePrevention::None => {}
            SelfTradePrevention::CancelNewest => newest(taker, events),
            SelfTradePrevention::CancelOldest => {
                self.book.remove_slot(slot);
                self.canceled(maker, rests, cause, events);
            }
            SelfTradePrevention::CancelBoth => {
                self.book.remove_slot(slot);
                self.canceled(maker, rests, cause, events);
                newest(taker, events);
            }
            SelfTradePrevention::DecrementAndCancel => {
                let both = taker.leaves.min(rests);
                taker.leaves -= both;
                // What is hidden goes first, as in a change: the place is kept.
                let from_hidden = both.min(self.owners[slot.index()].hidden);
                self.owners[slot.index()].hidden -= from_hidden;
                if both > from_hidden {
                    self.book.take(slot, both - from_hidden);
                }
                let quantity = Lots(i64::from(both));
                for (id, leaves) in [(maker, rests - both), (taker.id, taker.leaves)] {
                    let leaves = Lots(i64::from(leaves));
                    events.push(MatchEvent::Canceled { id, quantity, leaves, cause });
                }
            }
        }
    }

    /// Whether all of an order could trade now, hidden parts included. Where self-trade prevention
    /// would take something off it, it could not.
    pub(super) fn can_fill(&self, taker: &Taker) -> bool {
        let other = taker.side.opposite();
        let prevention = self.settings.self_trade_prevention();
        let by_time = matches!(self.settings.allocation(), Allocation::PriceTime);
        let mut left = i64::from(taker.leaves);
        for level in self.book.levels(other) {
            if taker.limit.is_some_and(|limit| !taker.side.accepts(limit, level.price)) {
                return false;
            }
            let (mut shown, mut hidden, mut before_own, mut own) = (0, 0, 0, false);
            let mut next = self.book.first_at(other, level.price);
            while let Some(slot) = next {
                next = self.book.behind(slot);
                let owner = &self.owners[slot.index()];
                if prevention != SelfTradePrevention::None && owner.participant == taker.participant
                {
                    own |= prevention != SelfTradePrevention::CancelOldest;
                    continue;
                }
                let size = i64::from(self.book.id_and_size(slot).1);
                shown += size;
                hidden += i64::from(owner.hidden);
                before_own += if own { 0 } else { size };
            }
            if own {
                // Only what stands before the own order, and by time alone, is reached.
                return by_time && before_own >= left;
            }
            left -= shown + hidden;
            if left <= 0 {
                return true;
            }
        }
        false
    }
}
