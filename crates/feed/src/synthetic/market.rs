//! The generated market: its state, its phases, and the records that it writes.

use super::book::{FlowBook, NONE, WIDTH};
use super::clock::{Timing, exponential};
use super::config::SyntheticConfig;
use crate::dbn::IdMap;
use crate::error::FeedError;
use crate::source::{Block, MAX_BLOCK_BYTES, MboBlock, Source};
use model::mbo::{MboFields, flags};
use model::random::SeededRandom;
use model::{InstrumentIndex, MBO_SIZE};

/// Bytes that are generated before a block is given out.
const FILL: usize = MAX_BLOCK_BYTES / MBO_SIZE / 2 * MBO_SIZE;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Snapshot,
    PreOpen,
    Trading,
    Done,
}

/// A generator of market-by-order records with the structure of a real exchange feed: a snapshot,
/// a pre-open that may cross, an opening auction, then trading in bursts. Aggressive orders print
/// a trade (`T`), a fill (`F`) per resting order and the cancels or modifies of the same orders;
/// the last record of an event alone carries `LAST`. Memory does not grow with the length.
///
/// It is a [`Source`] of market-by-order blocks.
#[derive(Clone, Debug)]
pub struct SyntheticMarket {
    pub(super) config: SyntheticConfig,
    pub(super) random: SeededRandom,
    pub(super) book: FlowBook,
    pub(super) timing: Timing,
    /// Records that were generated and not yet given out start at `given`.
    pub(super) out: Vec<u8>,
    pub(super) given: usize,
    /// The block that was given out last.
    block: Option<std::ops::Range<usize>>,
    emitted: u64,
    phase: Phase,
    session: u32,
    /// Records at which the present phase of the present session ends.
    phase_end: u64,
    packet: (u64, u32, i32),
    pub(super) event_start: usize,
    next_id: u64,
    sequence: u32,
    /// Tick of the ladder's offset 0.
    low: i64,
    /// Value of the instrument in 1/256 ticks from offset 0, without and with its noise.
    value: i64,
    noise: i64,
    trend: i64,
    centre: i64,
    recent: [(u32, u64); 64],
    recent_at: usize,
    pub(super) scratch: Vec<(u32, u32)>,
    pub(super) after: Vec<(u8, u8, u64, u16, u32)>,
    pub(super) ids: IdMap,
    name: String,
}

impl SyntheticMarket {
    /// A market of this configuration, at its start.
    ///
    /// # Errors
    /// [`FeedError::Setting`] when the configuration contradicts itself.
    pub fn new(config: SyntheticConfig) -> Result<Self, FeedError> {
        config.check()?;
        let start_tick = config.start_price.0 / config.tick_size.0;
        let low = (start_tick - (WIDTH as i64) / 2).max(1);
        let centre = (start_tick - low) * 256;
        let mut ids = IdMap::new();
        ids.insert(config.instrument_id, InstrumentIndex(0));
        let live = config.live_orders as usize;
        Ok(Self {
            random: SeededRandom::new(config.seed, "synthetic market"),
            book: FlowBook::new(live),
            timing: Timing::new(config.start.0),
            out: Vec::with_capacity(MAX_BLOCK_BYTES),
            given: 0,
            block: None,
            emitted: 0,
            phase: Phase::Snapshot,
            session: 0,
            phase_end: 0,
            packet: (0, 0, 0),
            event_start: 0,
            next_id: 6_412_700_000_000 + config.seed % 1_000_000_000,
            sequence: 600,
            low,
            value: centre,
            noise: 0,
            trend: 1,
            centre,
            recent: [(NONE, 0); 64],
            recent_at: 0,
            scratch: Vec::new(),
            after: Vec::new(),
            ids,
            name: format!("synthetic market {} (seed {})", config.symbol, config.seed),
            config,
        })
    }

    /// Gives the records another instrument of the run than 0.
    #[must_use]
    pub fn with_instrument(mut self, index: InstrumentIndex) -> Self {
        self.ids = IdMap::new();
        self.ids.insert(self.config.instrument_id, index);
        self
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &SyntheticConfig {
        &self.config
    }

    /// Records generated so far.
    #[must_use]
    pub fn emitted(&self) -> u64 {
        self.emitted
    }

    /// The next piece of the stream: whole records of 56 bytes, at most [`MAX_BLOCK_BYTES`];
    /// `None` at the end.
    pub fn next_records(&mut self) -> Option<&[u8]> {
        let range = self.generate()?;
        self.out.get(range)
    }

    /// Where in `out` the next piece lies.
    pub(super) fn generate(&mut self) -> Option<std::ops::Range<usize>> {
        if self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            // What follows is a new event: the one before it is not in `out` any more.
            self.event_start = 0;
            while self.out.len() < FILL && self.phase != Phase::Done {
                self.step();
            }
        }
        let start = self.given;
        self.given = self.out.len().min(start + MAX_BLOCK_BYTES / MBO_SIZE * MBO_SIZE);
        (start < self.given).then_some(start..self.given)
    }

    /// The whole stream in memory.
    #[must_use]
    pub fn into_bytes(mut self) -> Vec<u8> {
        let records = usize::try_from(self.config.records).unwrap_or(0);
        let mut all = Vec::with_capacity(records.saturating_mul(MBO_SIZE).min(1 << 30));
        while let Some(records) = self.next_records() {
            all.extend_from_slice(records);
        }
        all
    }

    fn step(&mut self) {
        match self.phase {
            Phase::Snapshot => {
                self.snapshot();
                self.begin_session();
            }
            Phase::PreOpen if self.emitted < self.phase_end => {
                self.timing.advance(&mut self.random, 1);
                let open = self.config.session_times(self.session).open.0;
                self.timing.now = self.timing.now.min(open - 1);
                self.drift();
                self.pre_open_event();
            }
            Phase::PreOpen => {
                let times = self.config.session_times(self.session);
                self.timing.jump(times.open.0);
                self.auction();
                self.phase = Phase::Trading;
                self.phase_end = self.config.session_records() * u64::from(self.session + 1);
                if self.session + 1 == self.config.sessions {
                    self.phase_end = self.config.records;
                }
            }
            Phase::Trading if self.emitted < self.phase_end => {
                let close = self.config.session_times(self.session).close.0;
                let left = self.phase_end - self.emitted;
                self.timing.set_pace(close, left);
                let records = self.out.len().saturating_sub(self.event_start) / MBO_SIZE;
                let burst = self.timing.advance(&mut self.random, records.clamp(1, 64) as u64);
                self.timing.now = self.timing.now.min(close);
                self.drift();
                self.trading_event(burst);
            }
            Phase::Trading if self.session + 1 < self.config.sessions => {
                self.session += 1;
                self.begin_session();
            }
            Phase::Trading | Phase::Done => self.phase = Phase::Done,
        }
    }

    fn begin_session(&mut self) {
        let times = self.config.session_times(self.session);
        self.timing.jump(times.pre_open.0);
        let records = (self.config.session_records() / 80).clamp(100, 2_000);
        self.phase_end = self.emitted + records;
        self.timing.set_pace(times.open.0, records);
        self.phase = Phase::PreOpen;
    }

    /// Moves the instrument's value: a slow drift that turns now and then, within 1,200 ticks of
    /// its start, and noise that returns to it.
    fn drift(&mut self) {
        let draw = self.random.next_u64();
        if draw & 0xFFF == 0 {
            self.trend = -self.trend;
        }
        if (draw >> 12) & 0x1F == 0 {
            self.value += self.trend * ((draw >> 20) & 0x3F) as i64 - 4 * self.trend.signum();
        }
        let bound = (self.centre - 350 * 256).clamp(64 * 256, 1_200 * 256);
        if (self.value - self.centre).abs() > bound {
            self.value = self.value.clamp(self.centre - bound, self.centre + bound);
            self.trend = -self.trend;
        }
        self.noise += (draw >> 40 & 0x7F) as i64 - 63;
        self.noise -= self.noise / 128;
    }

    /// Tick offset that the market is worth now.
    pub(super) fn fair(&self) -> i64 {
        (self.value + self.noise).div_euclid(256)
    }

    /// A tick offset within the ladder.
    pub(super) fn clamp_tick(tick: i64) -> u16 {
        tick.clamp(0, WIDTH as i64 - 1) as u16
    }

    pub(super) fn take_id(&mut self) -> u64 {
        let draw = self.random.next_u64();
        self.next_id += if draw & 3 != 0 { 1 } else { 2 + (draw >> 2 & 7) };
        self.next_id
    }

    pub(super) fn remember(&mut self, slot: u32, id: u64) {
        self.recent[self.recent_at % 64] = (slot, id);
        self.recent_at = self.recent_at.wrapping_add(1);
    }

    /// A live order: often one of the 64 latest or one near the touch, else any.
    pub(super) fn pick(&mut self) -> Option<u32> {
        let draw = self.random.next_u64();
        match draw & 0xFF {
            0..100 => {
                let (slot, id) = self.recent[(draw >> 8 & 63) as usize];
                if self.book.holds(slot, id) {
                    return Some(slot);
                }
            }
            100..200 => {
                let side = (draw >> 8 & 1) as u8;
                if let Some(best) = self.book.best(side) {
                    let mut slot = self.book.front(side, best);
                    for _ in 0..draw >> 9 & 7 {
                        let behind = self.book.behind(slot);
                        slot = if behind == NONE { slot } else { behind };
                    }
                    return Some(slot);
                }
            }
            _ => {}
        }
        let len = self.book.len() as u64;
        (len > 0).then(|| self.book.live(self.random.below(len) as usize))
    }

    /// Ticks over which the book's far orders spread: about 20 orders a price near the touch.
    pub(super) fn spread_out(&self) -> u64 {
        u64::from(self.config.live_orders / 60).clamp(12, 400)
    }

    /// Begins an event: a new packet at the present time.
    pub(super) fn begin_event(&mut self) {
        let received = self.timing.receive(&mut self.random);
        let draw = self.random.next_u64();
        // The file is one instrument of a channel: most sequence numbers are others'.
        self.sequence = self.sequence.wrapping_add(1 + (draw & 7) as u32);
        self.packet = (received, self.sequence, 13_000 + (draw >> 8 & 0xFFF) as i32);
        self.event_start = self.out.len();
    }

    /// Begins the event's second packet.
    pub(super) fn next_packet(&mut self) {
        let received = self.timing.receive_next(&mut self.random);
        self.sequence = self.sequence.wrapping_add(1);
        self.packet = (received, self.sequence, self.packet.2 - 1_500);
    }

    /// Ends the event: its last record carries `LAST`.
    pub(super) fn end_event(&mut self) {
        if self.out.len() > self.event_start {
            let at = self.out.len() - MBO_SIZE + 36;
            self.out[at] |= flags::LAST;
        }
    }

    pub(super) fn price(&self, tick: u16) -> i64 {
        (self.low + i64::from(tick)) * self.config.tick_size.0
    }

    /// Writes a record of the present packet. Side 0 bid, 1 ask, 2 none.
    pub(super) fn emit(&mut self, action: u8, side: u8, order_id: u64, tick: u16, size: u32) {
        let (ts_recv, sequence, ts_in_delta) = self.packet;
        let record = MboFields {
            publisher: self.config.publisher,
            instrument_id: self.config.instrument_id,
            ts_event: self.timing.now,
            order_id,
            price: self.price(tick),
            size,
            flags: 0,
            channel: 0,
            action,
            side: [b'B', b'A', b'N'][usize::from(side.min(2))],
            ts_recv,
            ts_in_delta,
            sequence,
        };
        self.out.extend_from_slice(&record.encode());
        self.emitted += 1;
    }

    /// Clears the instrument and writes the resting orders, best prices first.
    fn snapshot(&mut self) {
        let centre = self.fair();
        for k in 0..self.config.live_orders {
            let side = (k & 1) as u8;
            let near = self.random.below(4) != 0;
            let distance = if near {
                1 + ((exponential(&mut self.random) * self.spread_out()) >> 16) as i64
            } else {
                1 + self.random.below(1_000) as i64
            };
            let distance = distance.min(if side == 0 { centre - 1 } else { 2_000 });
            let tick =
                Self::clamp_tick(if side == 0 { centre - distance } else { centre + distance });
            let (id, size) = (self.take_id(), self.order_size());
            let refills = self.iceberg();
            self.book.add(id, side, tick, size, refills);
        }
        let event = self.timing.now - 3_600_000_000_000;
        let received = std::mem::replace(&mut self.timing.now, event);
        self.packet = (received, self.sequence, 0);
        self.event_start = self.out.len();
        self.emit(b'R', 2, 0, 0, 0);
        let clear = self.out.len() - MBO_SIZE;
        self.out[clear + 24..clear + 32].copy_from_slice(&i64::MAX.to_le_bytes());
        for side in 0..2u8 {
            let mut tick = self.book.best(side).map_or(-1, i64::from);
            while (0..WIDTH as i64).contains(&tick) {
                let mut slot = self.book.front(side, tick as u16);
                while slot != NONE {
                    let node = *self.book.node(slot);
                    self.emit(b'A', side, node.id, node.tick, node.size);
                    slot = self.book.behind(slot);
                }
                tick += if side == 0 { -1 } else { 1 };
            }
        }
        for record in self.out[self.event_start..].chunks_exact_mut(MBO_SIZE) {
            record[36] = flags::SNAPSHOT | flags::BAD_TS_RECV;
        }
        self.end_event();
        self.timing.now = received;
    }
}

impl Source for SyntheticMarket {
    fn next_block(&mut self) -> Result<Option<Block<'_>>, FeedError> {
        self.block = self.generate();
        Ok(self.block())
    }

    fn block(&self) -> Option<Block<'_>> {
        let bytes = self.out.get(self.block.clone()?)?;
        Some(Block::Mbo(MboBlock { bytes, stride: MBO_SIZE, ids: &self.ids }))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn progress(&self) -> f64 {
        (self.emitted as f64 / self.config.records as f64).min(1.0)
    }
}
