//! Reduce-only orders: together they never exceed the position.

use super::{Conditional, Place};
use crate::error::VenueError;
use model::{CancelReason, Leg, Lots, OrderId, OrderRequest};

impl Conditional {
    /// How many lots a reduce-only order may be for: what the position leaves after the reduce-only
    /// orders of its account that came before it. Peers of one group count once, by the largest.
    pub(super) fn reducible(&self, request: &OrderRequest, place: &Place<'_>) -> Lots {
        let leg = Leg::of(request.side, true);
        let position = place.sizer.position(request.id, request.instrument, leg, place.out);
        // Selling reduces what is held, buying what is owed.
        let room = -position.0.saturating_mul(request.side.sign());
        if room <= 0 {
            return Lots::ZERO;
        }
        let group = self.group(request.id);
        let mut spoken_for = 0_i64;
        let mut groups: Vec<(OrderId, i64)> = Vec::new();
        for &other in &self.reducing {
            if other == request.id {
                break;
            }
            let Some(own) = place.market.own_order(other).filter(|own| own.side == request.side)
            else {
                continue;
            };
            let leaves = own.leaves().0;
            match self.group(other) {
                Some(same) if Some(same) == group => {}
                Some(other_group) => {
                    match groups.iter_mut().find(|(known, _)| *known == other_group) {
                        Some((_, most)) => *most = (*most).max(leaves),
                        None => groups.push((other_group, leaves)),
                    }
                }
                None => spoken_for = spoken_for.saturating_add(leaves),
            }
        }
        let grouped: i64 = groups.iter().map(|(_, most)| most).sum();
        Lots((room - spoken_for - grouped).max(0))
    }

    fn group(&self, id: OrderId) -> Option<OrderId> {
        let linked = self.linked.iter().find(|linked| linked.id == id)?;
        linked.links.group.map(|(first, _)| first)
    }

    /// The position has changed: reduce-only orders that exceed it are cut, the newest first.
    pub(super) fn reduce(&mut self, place: &mut Place<'_>) -> Result<(), VenueError> {
        for id in self.reducing.clone() {
            let Some(own) = place.market.own_order(id) else { continue };
            let room = self.reducible(&own.request_as_it_stands(), place);
            if own.leaves() <= room {
                continue;
            }
            if room.is_zero() {
                self.withdraw(id, CancelReason::ReduceOnly, place)?;
            } else {
                self.restate(id, own.filled + room, place)?;
            }
        }
        Ok(())
    }
}
