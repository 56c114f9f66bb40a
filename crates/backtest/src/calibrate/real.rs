//! Real orders of a recorded stream and what became of them.

use super::CalibrateOptions;
use super::marks::{Filled, MarkOuts, Marks};
use crate::error::BacktestError;
use book::BookL3;
use model::random::mix;
use model::{Lots, Mbo, Side, Ticks, TradingPhase};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use venue::L3Market;

/// What became of a real order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// All that it displayed executed, at this time, in the event of this number.
    Filled {
        /// Exchange time in ns.
        at: u64,
        /// Number of the event.
        event: u64,
    },
    /// It was cancelled, or gave up its place by a change, in the event of this number.
    Left {
        /// Exchange time in ns.
        at: u64,
        /// Number of the event.
        event: u64,
    },
    /// It still stood in its place when the window, or the data, ended.
    Rested,
}

/// A real order that came to the back of a queue near the touch while the market traded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RealOrder {
    /// The venue's id.
    pub id: u64,
    /// Side.
    pub side: Side,
    /// Limit.
    pub price: Ticks,
    /// What it displayed when it came, in lots.
    pub size: Lots,
    /// Lots ahead of it when it came.
    pub ahead: Lots,
    /// When its event ended, exchange time in ns.
    pub arrived: u64,
    /// Number of the event that it came in.
    pub event: u64,
    /// What became of it.
    pub fate: Fate,
    /// Mark-outs of its fill.
    pub marks: Marks,
}

impl RealOrder {
    /// Whether it was filled within the window.
    #[must_use]
    pub const fn is_filled(&self) -> bool {
        matches!(self.fate, Fate::Filled { .. })
    }
}

/// What the first pass found.
#[derive(Debug)]
pub struct RealOrders {
    /// The sample, in the order of arrival.
    pub orders: Vec<RealOrder>,
    /// Orders that the sample was drawn from.
    pub candidates: u64,
    /// Sampled orders that a snapshot or a clear record made untraceable.
    pub lost: u64,
    /// Sampled orders left out since too many would stand at a time.
    pub crowded: u64,
    /// Events of the stream.
    pub events: u64,
    /// Records of the stream.
    pub records: u64,
    /// Time of its first and last event while the market traded.
    pub span: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct Live {
    key: (u64, u64),
    /// Its place in the book: a greater sequence is another place.
    sequence: u64,
    /// What it displays less what executed.
    left: i64,
}

/// Draws a sample of at most as many orders as asked for, uniformly over the stream, in bounded
/// memory: those with the smallest draws. The draw depends on seed, id and event only.
pub(super) struct Collector<'a> {
    options: &'a CalibrateOptions,
    sample: BTreeMap<(u64, u64), RealOrder>,
    live: BTreeMap<u64, Live>,
    deadlines: VecDeque<(u64, u64, (u64, u64))>,
    marks: MarkOuts<(u64, u64)>,
    candidates: u64,
    lost: u64,
    events: u64,
    records: u64,
    span: Option<(u64, u64)>,
    // Of the open event.
    open: bool,
    added: Vec<u64>,
    touched: Vec<u64>,
    aggressors: Vec<(u64, u8)>,
}

impl<'a> Collector<'a> {
    pub fn new(options: &'a CalibrateOptions) -> Self {
        Self {
            options,
            sample: BTreeMap::new(),
            live: BTreeMap::new(),
            deadlines: VecDeque::new(),
            marks: MarkOuts::default(),
            candidates: 0,
            lost: 0,
            events: 0,
            records: 0,
            span: None,
            open: false,
            added: Vec::new(),
            touched: Vec::new(),
            aggressors: Vec::new(),
        }
    }

    /// A record, before the book has applied it.
    pub fn before(&mut self, record: Mbo<'_>, market: &L3Market) {
        let ts = record.ts_event_raw();
        self.records += 1;
        if !self.open && !record.is_snapshot() {
            self.begin_event(ts, market);
        }
        self.open = true;
        let id = record.order_id();
        if record.action() == b'R' || record.is_snapshot() {
            self.lose_all();
            return;
        }
        match record.action() {
            b'A' => {
                self.leave(id, ts);
                self.added.push(id);
            }
            b'T' => self.aggressors.push((id, record.side_raw())),
            // An execution that names the aggressor itself fills nobody.
            b'F' if !self.aggressors.contains(&(id, record.side_raw())) || id == 0 => {
                self.execute(id, i64::from(record.size()), ts);
            }
            b'C' | b'M' if self.live.contains_key(&id) => self.touched.push(id),
            _ => {}
        }
    }

    fn begin_event(&mut self, ts: u64, market: &L3Market) {
        while let Some(marked) = self.marks.next_due(ts, market) {
            if let Some(order) = self.sample.get_mut(&marked.key) {
                order.marks[marked.horizon] = marked.half_ticks;
            }
        }
        while let Some(&(_, id, key)) = self.deadlines.front().filter(|(due, ..)| *due < ts) {
            self.deadlines.pop_front();
            if self.live.get(&id).is_some_and(|live| live.key == key) {
                self.live.remove(&id);
            }
        }
    }

    fn lose_all(&mut self) {
        for live in std::mem::take(&mut self.live).into_values() {
            self.lost += u64::from(self.sample.remove(&live.key).is_some());
        }
        self.deadlines.clear();
        self.added.clear();
        self.touched.clear();
    }

    fn execute(&mut self, id: u64, lots: i64, at: u64) {
        let Some(live) = self.live.get_mut(&id) else { return };
        live.left -= lots;
        if live.left > 0 {
            self.touched.push(id);
            return;
        }
        let key = live.key;
        self.live.remove(&id);
        if let Some(order) = self.sample.get_mut(&key) {
            order.fate = Fate::Filled { at, event: self.events };
            self.marks.push(key, Filled::new(order.side, order.price), at);
        }
    }

    fn leave(&mut self, id: u64, at: u64) {
        let Some(live) = self.live.remove(&id) else { return };
        if let Some(order) = self.sample.get_mut(&live.key) {
            order.fate = Fate::Left { at, event: self.events };
        }
    }

    /// The event has ended: the book may be read.
    pub fn event_ended(&mut self, at: u64, book: &BookL3, phase: TradingPhase) {
        for id in std::mem::take(&mut self.touched) {
            let Some(live) = self.live.get_mut(&id) else { continue };
            match book.order(id) {
                Some(order) if order.sequence == live.sequence => live.left = order.quantity.0,
                _ => self.leave(id, at),
            }
        }
        let trading = phase == TradingPhase::Trading && !book.bbo().is_locked_or_crossed();
        if trading {
            self.span = Some((self.span.map_or(at, |span| span.0), at));
            for id in std::mem::take(&mut self.added) {
                self.consider(id, at, book);
            }
        }
        self.added.clear();
        self.aggressors.clear();
        self.events += 1;
        self.open = false;
    }

    fn consider(&mut self, id: u64, at: u64, book: &BookL3) {
        let Some(order) = book.order(id) else { return };
        let near = book.levels(order.side).take(self.options.levels);
        if !near.into_iter().any(|level| level.price == order.price) {
            return;
        }
        // The shadow arrives when the event is over: what else the event put behind the real order
        // would stand between the two.
        let level = book.level(order.side, order.price).quantity;
        let ahead = book.queue_ahead(order.side, order.price, order.sequence).quantity;
        if level != ahead + order.quantity {
            return;
        }
        self.candidates += 1;
        let draw = mix(self.options.seed ^ mix(id ^ mix(self.events)));
        let key = (draw, self.events);
        let full = self.sample.len() >= self.options.orders;
        if full && self.sample.last_key_value().is_some_and(|(&(worst, _), _)| worst <= draw) {
            return;
        }
        if full
            && let Some((gone, order)) = self.sample.pop_last()
            && self.live.get(&order.id).is_some_and(|live| live.key == gone)
        {
            self.live.remove(&order.id);
        }
        let real = RealOrder {
            id,
            side: order.side,
            price: order.price,
            size: order.quantity,
            ahead,
            arrived: at,
            event: self.events,
            fate: Fate::Rested,
            marks: Marks::default(),
        };
        self.sample.insert(key, real);
        let live = Live { key, sequence: order.sequence, left: order.quantity.0 };
        self.live.insert(id, live);
        self.deadlines.push_back((at.saturating_add(self.options.window), id, key));
    }

    /// The data has ended.
    ///
    /// # Errors
    /// [`BacktestError::Setting`] when the stream has no order to compare with.
    pub fn finish(self) -> Result<RealOrders, BacktestError> {
        let drawn: Vec<RealOrder> = self.sample.into_values().collect();
        if drawn.is_empty() {
            let accepted = "market by order in which orders rest near the touch while it trades";
            return Err(BacktestError::setting("file", "no order to compare with", accepted));
        }
        // Draws are uniform, so any number of the smallest is a uniform sample as well.
        let keep = most_within(&drawn, self.options);
        let crowded = (drawn.len() - keep) as u64;
        let mut orders = drawn;
        orders.truncate(keep);
        orders.sort_by_key(|order| (order.event, order.id));
        Ok(RealOrders {
            orders,
            candidates: self.candidates,
            lost: self.lost,
            crowded,
            events: self.events,
            records: self.records,
            span: self.span,
        })
    }
}

/// When the shadow of an order is taken away at the latest, in ns.
pub(super) fn deadline(order: &RealOrder, options: &CalibrateOptions) -> u64 {
    match order.fate {
        Fate::Left { at, .. } => at,
        Fate::Filled { .. } | Fate::Rested => order.arrived.saturating_add(options.window),
    }
}

/// Most times that the stream is read for the shadows.
const MOST_PASSES: usize = 64;

/// The orders by the pass in which their shadows are simulated: in none of them more than the most
/// at a time, and as few passes as that needs.
pub(super) fn passes(orders: &[RealOrder], options: &CalibrateOptions) -> Vec<Vec<usize>> {
    let mut passes: Vec<(BinaryHeap<Reverse<u64>>, Vec<usize>)> = Vec::new();
    for (at, order) in orders.iter().enumerate() {
        for (ends, _) in &mut passes {
            while ends.peek().is_some_and(|end| end.0 < order.arrived) {
                ends.pop();
            }
        }
        let room = passes.iter().position(|(ends, _)| ends.len() < options.at_a_time);
        let place = room.unwrap_or_else(|| {
            passes.push(Default::default());
            passes.len() - 1
        });
        let (ends, members) = &mut passes[place];
        ends.push(Reverse(deadline(order, options)));
        members.push(at);
    }
    passes.into_iter().map(|(_, members)| members).collect()
}

/// How many of these, from the first on, never stand more than all passes have room for.
fn most_within(drawn: &[RealOrder], options: &CalibrateOptions) -> usize {
    let fits = |count: usize| {
        let mut steps: Vec<(u64, i64)> = drawn[..count]
            .iter()
            .flat_map(|order| [(order.arrived, 1), (deadline(order, options), -1)])
            .collect();
        // At one time whoever comes counts before whoever goes.
        steps.sort_by_key(|&(at, step)| (at, -step));
        let mut now = 0;
        steps.iter().all(|(_, step)| {
            now += step;
            now <= (options.at_a_time * MOST_PASSES) as i64
        })
    };
    let (mut yes, mut no) = (0, drawn.len() + 1);
    while no - yes > 1 {
        let middle = yes.midpoint(no);
        if fits(middle) { yes = middle } else { no = middle }
    }
    yes
}
