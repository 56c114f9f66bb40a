//! Orders that hang together: one triggers the other, one cancels the other, one updates the other.

use super::{Conditional, Place, Waits};
use crate::error::VenueError;
use model::{
    CancelReason, Links, Lots, OrderId, OrderRequest, PeerKind, Reason, Report, ReportKind,
};

/// What is known of an order that hangs together with others, until all of them have ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Linked {
    pub id: OrderId,
    pub links: Links,
    /// What was asked for; zero of a child that works for all that its parent fills.
    pub requested: Lots,
    /// Total quantity now.
    pub total: Lots,
    pub filled: Lots,
    pub ended: bool,
}

impl Linked {
    /// The last number that a member of its family can have: members follow each other.
    fn last_member(&self) -> u64 {
        let number = self.id.number();
        let children = number + u64::from(self.links.children);
        let first = self.links.group.map_or(number, |(first, _)| first.number());
        children.max(first + u64::from(self.links.peers).saturating_sub(1))
    }

    fn group_id(&self) -> Option<OrderId> {
        self.links.group.map(|(first, _)| first)
    }

    /// Whether another order is this one, its parent, child, sibling or peer.
    fn is_family(&self, other: &Self) -> bool {
        let parent = self.links.parent;
        self.id == other.id
            || other.links.parent == Some(self.id)
            || Some(other.id) == parent
            || (parent.is_some() && other.links.parent == parent)
            || (self.group_id().is_some() && other.group_id() == self.group_id())
    }

    /// Whether all its children and peers have been here.
    fn is_complete(&self, all: &[Self]) -> bool {
        let count = |which: &dyn Fn(&Self) -> bool| all.iter().filter(|o| which(o)).count();
        let children = count(&|other| other.links.parent == Some(self.id));
        let peers =
            count(&|other| self.group_id().is_some() && other.group_id() == self.group_id());
        children >= usize::from(self.links.children) && peers >= usize::from(self.links.peers)
    }
}

impl Conditional {
    fn linked(&self, id: OrderId) -> Option<usize> {
        self.linked.iter().position(|linked| linked.id == id)
    }

    /// Remembers an order that hangs together with others; the quantity for which it may work now,
    /// or why it may not.
    pub(super) fn link(&mut self, request: &OrderRequest, links: Links) -> Result<Lots, Reason> {
        let whole = links.parent.is_some() && request.size_at_fill;
        let requested = if whole { Lots::ZERO } else { request.quantity };
        let record = Linked {
            id: request.id,
            links,
            requested,
            total: requested,
            filled: Lots::ZERO,
            ended: false,
        };
        if let Some(parent) = links.parent {
            let parent = self.linked(parent).map(|at| self.linked[at]).ok_or(Reason::Linked)?;
            if parent.ended && parent.filled.is_zero() {
                return Err(Reason::Linked);
            }
        }
        if let Some((_, kind)) = links.group {
            let dead = self
                .peers(&record)
                .any(|peer| peer.ended || (kind == PeerKind::Oco && peer.filled.0 > 0));
            if dead {
                return Err(Reason::Linked);
            }
        }
        let works_for = self.allowed(&record);
        self.linked.push(record);
        Ok(works_for)
    }

    /// The other members of an order's group that have come so far.
    fn peers<'a>(&'a self, of: &'a Linked) -> impl Iterator<Item = &'a Linked> {
        self.linked.iter().filter(move |other| {
            other.id != of.id && of.links.group.is_some() && other.group_id() == of.group_id()
        })
    }

    /// The total quantity for which an order may work: what its parent's fills allow, in
    /// proportion and rounded down, less what its peers have filled (OUO).
    fn allowed(&self, of: &Linked) -> Lots {
        let released = match of.links.parent.and_then(|id| self.linked(id)) {
            None => of.requested.0,
            Some(at) => {
                let parent = &self.linked[at];
                if of.requested.is_zero() || parent.filled >= parent.total {
                    if of.requested.is_zero() { parent.filled.0 } else { of.requested.0 }
                } else {
                    let share = i128::from(of.requested.0) * i128::from(parent.filled.0)
                        / i128::from(parent.total.0.max(1));
                    share as i64 // at most `requested`
                }
            }
        };
        let others: i64 = match of.links.group {
            Some((_, PeerKind::Ouo)) => self.peers(of).map(|peer| peer.filled.0).sum(),
            _ => 0,
        };
        Lots((released - others).max(0))
    }

    /// Whether an order's total follows others, so that nobody else may set it.
    pub(super) fn has_bound_total(&self, id: OrderId) -> bool {
        self.linked(id).is_some_and(|at| {
            let links = &self.linked[at].links;
            links.parent.is_some() || matches!(links.group, Some((_, PeerKind::Ouo)))
        })
    }

    /// Goes through the reports from `first` on, those that it causes included: fills and ends
    /// change what hangs on their orders, and cut what only reduces the position.
    pub(crate) fn react(&mut self, place: &mut Place<'_>, first: usize) -> Result<(), VenueError> {
        if !self.is_linking() {
            return Ok(());
        }
        let mut at = first;
        let mut filled = false;
        loop {
            while let Some(&report) = place.out.get(at) {
                at += 1;
                filled |= matches!(report.kind, ReportKind::Filled(_));
                self.on_report(&report, place)?;
            }
            if !std::mem::take(&mut filled) {
                break;
            }
            self.reduce(place)?;
        }
        if self.linked.iter().any(|linked| linked.ended) {
            self.prune(None);
        }
        Ok(())
    }

    fn on_report(&mut self, report: &Report, place: &mut Place<'_>) -> Result<(), VenueError> {
        let id = report.order;
        let ended = match &report.kind {
            ReportKind::Filled(fill) => {
                if let Some(which) = self.linked(id) {
                    let record = &mut self.linked[which];
                    record.filled += fill.quantity;
                    record.total = record.filled + fill.leaves;
                    record.ended |= fill.leaves.is_zero();
                    self.after_fill(id, place)?;
                }
                fill.leaves.is_zero()
            }
            ReportKind::Modified { quantity, .. } | ReportKind::Restated { quantity, .. } => {
                if let Some(which) = self.linked(id) {
                    self.linked[which].total = *quantity;
                    if !self.has_bound_total(id) {
                        self.linked[which].requested = *quantity;
                    }
                }
                false
            }
            ReportKind::Canceled { .. } | ReportKind::Rejected(_) => {
                if let Some(which) = self.linked(id) {
                    self.linked[which].ended = true;
                    // An order that ended because a peer was filled ends nobody else of its group.
                    let linked = CancelReason::Linked;
                    let by_link = matches!(report.kind, ReportKind::Canceled { reason, .. } if reason == linked);
                    self.after_end(id, !by_link, place)?;
                }
                true
            }
            _ => false,
        };
        if ended {
            self.reducing.retain(|&other| other != id);
        }
        Ok(())
    }

    /// An order was filled: its children work for more, its peers for less or not at all.
    fn after_fill(&mut self, id: OrderId, place: &mut Place<'_>) -> Result<(), VenueError> {
        let Some(which) = self.linked(id) else { return Ok(()) };
        let record = self.linked[which];
        if record.links.children > 0 {
            for child in self.ids(|other| other.links.parent == Some(id) && !other.ended) {
                self.follow(child, place)?;
            }
        }
        if let Some((group, kind)) = record.links.group {
            for peer in
                self.ids(|other| other.id != id && !other.ended && other.group_id() == Some(group))
            {
                match kind {
                    PeerKind::Oco => self.withdraw(peer, CancelReason::Linked, place)?,
                    PeerKind::Ouo => self.follow(peer, place)?,
                }
            }
        }
        if record.ended { self.after_end(id, true, place) } else { Ok(()) }
    }

    /// An order has ended: its peers end unless they only lost its quantity, children of a parent
    /// that was not filled end, and a parent whose exits have all ended does too.
    fn after_end(
        &mut self,
        id: OrderId,
        ends_peers: bool,
        place: &mut Place<'_>,
    ) -> Result<(), VenueError> {
        let Some(which) = self.linked(id) else { return Ok(()) };
        let record = self.linked[which];
        if record.filled.is_zero() && record.links.children > 0 {
            for child in self.ids(|other| other.links.parent == Some(id) && !other.ended) {
                self.withdraw(child, CancelReason::Linked, place)?;
            }
        }
        if let Some((group, _)) = record.links.group
            && ends_peers
        {
            for peer in
                self.ids(|other| other.id != id && !other.ended && other.group_id() == Some(group))
            {
                self.withdraw(peer, CancelReason::Linked, place)?;
            }
        }
        if let Some(parent) = record.links.parent {
            let open_sibling =
                self.linked.iter().any(|other| other.links.parent == Some(parent) && !other.ended);
            let open_parent = self.linked(parent).is_some_and(|at| !self.linked[at].ended);
            if open_parent && !open_sibling {
                self.withdraw(parent, CancelReason::Linked, place)?;
            }
        }
        Ok(())
    }

    fn ids(&self, which: impl Fn(&Linked) -> bool) -> Vec<OrderId> {
        self.linked.iter().filter(|linked| which(linked)).map(|linked| linked.id).collect()
    }

    /// Gives an order the total that it may work for now.
    fn follow(&mut self, id: OrderId, place: &mut Place<'_>) -> Result<(), VenueError> {
        let Some(which) = self.linked(id) else { return Ok(()) };
        let record = self.linked[which];
        let total = self.allowed(&record);
        if let Some(at) = self.position(id) {
            let waits = self.held[at].waits;
            if total.is_zero() {
                // Nothing to work for yet, or, once peers have filled it all, any more.
                if waits == Waits::Parent {
                    return Ok(());
                }
                return self.withdraw(id, CancelReason::Linked, place);
            }
            if self.held[at].total != total || self.held[at].request.size_at_fill {
                self.held[at].total = total;
                self.held[at].request.size_at_fill = false;
                self.held[at].request.quantity = total;
                self.restated(at, place);
            }
            if waits == Waits::Parent {
                return self.let_go(at, place);
            }
            return Ok(());
        }
        if total <= record.filled {
            return self.withdraw(id, CancelReason::Linked, place);
        }
        if total != record.total {
            self.restate(id, total, place)?;
        }
        Ok(())
    }

    /// Forgets families of which everyone has ended and nobody else can come: all members have
    /// been here, or the strategy's `next` order has a higher number than the last of them.
    pub(super) fn prune(&mut self, next: Option<OrderId>) {
        let all = std::mem::take(&mut self.linked);
        let over = |linked: &Linked| {
            all.iter().filter(|other| linked.is_family(other)).all(|other| {
                let passed = next.is_some_and(|next| {
                    next.strategy() == other.id.strategy() && other.last_member() < next.number()
                });
                other.ended && (passed || other.is_complete(&all))
            })
        };
        self.linked = all.iter().filter(|linked| !over(linked)).copied().collect();
    }
}
