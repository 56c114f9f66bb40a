//! The pro-rata queue model on L3 flow.
//!
//! Of the volume `V` that an event executed at an own price, every order of the level, recorded or
//! own, gets `floor(V × its size / (own + displayed))`; what the roundings leave over goes first
//! in, first out, up to each order's size (`reference/simulation.md`, "Pro-rata model on L3
//! flow"). Volume beyond the own price is taken whole, as always: better prices come first.

use super::L3Market;
use super::passive::Execution;
use crate::desk::distance;
use crate::error::VenueError;
use crate::trace::Cause;
use model::{Report, Side, Ticks};

/// A level as it stood before the event.
#[derive(Clone, Copy, Debug)]
struct LevelNote {
    side: Side,
    price: Ticks,
    from: usize,
    to: usize,
}

/// What the event showed; settled at its end. The buffers are reused.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    executions: Vec<Execution>,
    levels: Vec<LevelNote>,
    /// Sequence and size, less own taking, of the orders of the noted levels.
    orders: Vec<(u64, i64)>,
}

impl Notes {
    pub fn clear(&mut self) {
        self.executions.clear();
        self.levels.clear();
        self.orders.clear();
    }
}

/// One order of a level that shares volume.
#[derive(Clone, Copy)]
struct Share {
    sequence: u64,
    /// Arrival of an own order; recorded orders of the same sequence come after it.
    arrival: u64,
    own: Option<usize>,
    size: i64,
    gets: i64,
}

/// Splits `volume` among orders in queue order.
fn allocate(shares: &mut [Share], volume: i64) {
    let total: i128 = shares.iter().map(|share| i128::from(share.size)).sum();
    if total == 0 {
        return;
    }
    let volume = i128::from(volume).min(total);
    let mut left = volume;
    for share in shares.iter_mut() {
        let part = volume * i128::from(share.size) / total;
        // The part is at most the order's size, because the volume is at most the total.
        share.gets = part as i64;
        left -= part;
    }
    for share in shares.iter_mut() {
        let more = left.min(i128::from(share.size - share.gets));
        share.gets += more as i64;
        left -= more;
    }
}

impl L3Market {
    /// Keeps an execution, and at the first of a price with own orders the level before it.
    pub(super) fn note_pro_rata(&mut self, execution: Execution) {
        let (side, price) = (execution.order.side, execution.order.price);
        let known = self.event.pro_rata.levels.iter().any(|l| (l.side, l.price) == (side, price));
        if !known && self.own.side(side).iter().any(|own| own.limit == Some(price)) {
            let notes = &mut self.event.pro_rata;
            let from = notes.orders.len();
            let taken = &self.taken;
            notes.orders.extend(
                self.book
                    .orders_at(side, price)
                    .map(|order| (order.sequence, taken.free(order.id, order.quantity))),
            );
            let to = notes.orders.len();
            notes.levels.push(LevelNote { side, price, from, to });
        }
        self.event.pro_rata.executions.push(execution);
    }

    /// Settles the event: own price by own price, the best first.
    pub(super) fn settle_pro_rata(&mut self, out: &mut Vec<Report>) -> Result<(), VenueError> {
        let mut notes = std::mem::take(&mut self.event.pro_rata);
        let result = self
            .settle_side(Side::Buy, &mut notes, out)
            .and_then(|()| self.settle_side(Side::Sell, &mut notes, out));
        self.event.pro_rata = notes;
        result
    }

    fn settle_side(
        &mut self,
        side: Side,
        notes: &mut Notes,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let mut from = 0;
        while let Some(price) = self.own.side(side).get(from).and_then(|own| own.limit) {
            let list = self.own.side(side);
            let to = from + list[from..].iter().take_while(|o| o.limit == Some(price)).count();
            if let Some(level) =
                notes.levels.iter().find(|l| (l.side, l.price) == (side, price)).copied()
            {
                self.share_level(side, (from, to), level, notes, out)?;
            }
            for at in from..to {
                self.take_beyond(side, at, price, notes, out)?;
            }
            from = to;
        }
        Ok(())
    }

    /// The volume at the own price.
    fn share_level(
        &mut self,
        side: Side,
        (from, to): (usize, usize),
        level: LevelNote,
        notes: &mut Notes,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let here = |e: &Execution| (e.order.side, e.order.price) == (side, level.price);
        let volume: i64 = notes.executions.iter().filter(|e| here(e)).map(|e| e.quantity).sum();
        let mut shares: Vec<Share> = notes.orders[level.from..level.to]
            .iter()
            .map(|&(sequence, size)| Share {
                sequence,
                arrival: u64::MAX,
                own: None,
                size,
                gets: 0,
            })
            .collect();
        for at in from..to {
            let own = &self.own.side(side)[at];
            shares.push(Share {
                sequence: own.sequence,
                arrival: own.arrival,
                own: Some(at),
                size: own.visible().0,
                gets: 0,
            });
        }
        shares.sort_by_key(|share| (share.sequence, share.arrival));
        allocate(&mut shares, volume);
        for share in shares {
            let (Some(at), true) = (share.own, share.gets > 0) else { continue };
            let mut wanted = share.gets;
            // Takes it off the executions of the level, so that each unit fills one order.
            for i in 0..notes.executions.len() {
                let execution = notes.executions[i];
                if wanted == 0 || !here(&execution) || execution.quantity == 0 {
                    continue;
                }
                let part = wanted.min(execution.quantity);
                let limit = self.desk.instrument.grid.price(level.price);
                let through = execution.price != limit;
                let price = if execution.cross { execution.price } else { limit };
                self.desk.because(Cause::ProRata);
                let took = self.fill_resting(side, at, part, through, price, out)?;
                notes.executions[i].quantity -= took;
                self.desk.counters.displaced_volume += took.unsigned_abs();
                wanted -= part;
            }
        }
        Ok(())
    }

    /// The volume beyond the own price.
    fn take_beyond(
        &mut self,
        side: Side,
        at: usize,
        price: Ticks,
        notes: &mut Notes,
        out: &mut Vec<Report>,
    ) -> Result<(), VenueError> {
        let limit = self.desk.instrument.grid.price(price);
        for execution in &mut notes.executions {
            let order = execution.order;
            if order.side != side || !side.is_better(price, order.price) {
                continue;
            }
            // A cross may execute worse-priced orders at a price that this limit does not accept.
            let distance = distance(side, limit, execution.price);
            if distance < 0 {
                continue;
            }
            let at_price = if execution.cross { execution.price } else { limit };
            self.desk.because(Cause::TradedThrough);
            let took =
                self.fill_resting(side, at, execution.quantity, distance > 0, at_price, out)?;
            execution.quantity -= took;
            self.desk.counters.displaced_volume += took.unsigned_abs();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(sizes: &[i64], volume: i64) -> Vec<i64> {
        let mut shares: Vec<Share> = sizes
            .iter()
            .enumerate()
            .map(|(i, &size)| Share { sequence: i as u64, arrival: 0, own: None, size, gets: 0 })
            .collect();
        allocate(&mut shares, volume);
        shares.iter().map(|share| share.gets).collect()
    }

    #[test]
    fn shares_are_floors_and_the_rest_goes_first_in_first_out() {
        // 401 over 900/200/300/400/100: 189.9, 42.2, 63.3, 84.4, 21.1 → 2 lots over.
        assert_eq!(split(&[900, 200, 300, 400, 100], 401), [191, 42, 63, 84, 21]);
        assert_eq!(split(&[10, 10], 1), [1, 0]);
    }

    #[test]
    fn a_level_that_is_taken_whole_fills_everyone() {
        assert_eq!(split(&[3, 4], 9), [3, 4]);
        assert_eq!(split(&[0, 0], 9), [0, 0]);
        assert_eq!(split(&[], 9), Vec::<i64>::new());
    }
}
