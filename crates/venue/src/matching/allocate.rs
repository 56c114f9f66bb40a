//! Pro-rata and lead market makers: who at a level gets how much.

use super::{Allocation, MatchEvent, MatchingEngine, SelfTradePrevention, Taker};
use book::Slot;
use model::Ticks;

/// An order of a level and what it gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    slot: Slot,
    size: u32,
    gets: u32,
}

impl MatchingEngine {
    /// Trades with one level. Self-trade prevention comes before the allocation: nothing of the
    /// aggressor's own takes part in it.
    #[cold]
    #[inline(never)]
    pub(super) fn take_level(
        &mut self,
        taker: &mut Taker,
        price: Ticks,
        events: &mut Vec<MatchEvent>,
    ) {
        let other = taker.side.opposite();
        if self.settings.self_trade_prevention() != SelfTradePrevention::None {
            while let Some(own) = self.own_order_at(taker, price) {
                self.prevent(taker, own, events);
                if taker.leaves == 0 {
                    return;
                }
            }
        }
        let mut shares = std::mem::take(&mut self.shares);
        shares.clear();
        let mut next = self.book.first_at(other, price);
        let mut total = 0_u64;
        while let Some(slot) = next {
            let size = self.book.id_and_size(slot).1;
            shares.push(Share { slot, size, gets: 0 });
            total += u64::from(size);
            next = self.book.behind(slot);
        }
        if u64::from(taker.leaves) >= total {
            // The whole level: first in, first out.
            for share in &mut shares {
                share.gets = share.size;
            }
            for share in &shares {
                self.trade(taker, price, share.slot, share.gets, events);
            }
        } else {
            let mut served = std::mem::take(&mut self.served);
            self.allocate(&mut shares, taker.leaves, &mut served);
            for &at in &served {
                let share = shares[at];
                if share.gets > 0 {
                    self.trade(taker, price, share.slot, share.gets, events);
                }
            }
            self.served = served;
        }
        self.shares = shares;
    }

    /// The first order of a level that is the taker's own.
    fn own_order_at(&self, taker: &Taker, price: Ticks) -> Option<Slot> {
        let mut next = self.book.first_at(taker.side.opposite(), price);
        while let Some(slot) = next {
            if self.owners[slot.index()].participant == taker.participant {
                return Some(slot);
            }
            next = self.book.behind(slot);
        }
        None
    }

    /// Splits an aggressor among the orders of a level that it does not take whole; `served` is
    /// the order in which they trade: TOP and lead market makers first, the others by time.
    fn allocate(&self, shares: &mut [Share], aggressor: u32, served: &mut Vec<usize>) {
        let mut left = aggressor;
        served.clear();
        let (top, rest) = match self.settings.allocation() {
            Allocation::PriceTime => (false, None),
            Allocation::ProRata { top, least } => (*top, Some(*least)),
            Allocation::LeadMarketMakers { top, .. } => (*top, None),
        };
        let first = |share: &Share| {
            let order = self.book.order_at(share.slot);
            self.top[order.side as usize] == order.sequence
        };
        if top && let Some(at) = shares.iter().position(first) {
            let gets = shares[at].size.min(left);
            shares[at].gets = gets;
            left -= gets;
            served.push(at);
        }
        if let Some(least) = rest {
            let sizes: u64 = shares.iter().map(|s| u64::from(s.size - s.gets)).sum();
            let volume = u64::from(left);
            for share in shares.iter_mut() {
                let part = volume * u64::from(share.size - share.gets) / sizes.max(1);
                // The part is at most the order's size: the volume is at most the sizes.
                let part = part as u32;
                if part >= least {
                    share.gets += part;
                    left -= part;
                }
            }
        }
        if let Allocation::LeadMarketMakers { makers, .. } = self.settings.allocation() {
            let volume = u64::from(left);
            for maker in makers {
                let mut quota = (volume * u64::from(maker.percent) / 100) as u32;
                for (at, share) in shares.iter_mut().enumerate() {
                    let owner = self.owners[share.slot.index()].participant;
                    if owner != maker.participant || quota == 0 {
                        continue;
                    }
                    let gets = quota.min(share.size - share.gets);
                    share.gets += gets;
                    quota -= gets;
                    left -= gets;
                    if gets > 0 && !served.contains(&at) {
                        served.push(at);
                    }
                }
            }
        }
        for share in shares.iter_mut() {
            let gets = left.min(share.size - share.gets);
            share.gets += gets;
            left -= gets;
        }
        // Those served first are few: TOP and the orders of lead market makers.
        let first = served.len();
        for at in 0..shares.len() {
            if !served[..first].contains(&at) {
                served.push(at);
            }
        }
    }
}
