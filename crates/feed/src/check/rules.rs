//! What makes a row a problem.

use super::{CheckOptions, Lawful, Problem};
use model::decimal::format_nanos;
use model::mbo::flags::SNAPSHOT;
use model::{
    Bar, Depth, InstrumentKind, MBO_SIZE, MarketEvent, Mbo, Price, Quantity, Quote,
    STAMPED_MBO_SIZE, TradingPhase, UnixNanos,
};

/// Rows before 1971 are rows without a date.
const FIRST_TIME: UnixNanos = UnixNanos(365 * 86_400_000_000_000);

type Verdict = Result<(), (Problem, String)>;

/// What is remembered of an instrument.
#[derive(Debug, Default)]
pub(super) struct Memory {
    kind: Option<InstrumentKind>,
    /// Latest exchange and receive time by kind of event.
    times: [Option<(UnixNanos, UnixNanos)>; KINDS],
    /// Phase said by the last status; `None` where none was seen.
    phase: Option<TradingPhase>,
    traded: bool,
    last_trade: Option<model::Trade>,
    last_quote: Option<Quote>,
    /// Last bar of each timeframe: few, and nearly always one.
    bars: Vec<Bar>,
    order: OrderMemory,
}

/// What is remembered of the last market-by-order record.
#[derive(Debug, Default)]
struct OrderMemory {
    ts_event: u64,
    ts_recv: u64,
    sequence: u32,
}

const KINDS: usize = 5;

/// Records that are looked at together.
pub(super) const GROUP: usize = 8;

/// Eight bytes of a record.
#[inline(always)]
fn word<const STRIDE: usize>(record: &[u8; STRIDE], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&record[at..at + 8]);
    u64::from_le_bytes(bytes)
}

/// Letters that a market-by-order record may have as its action, and as its side.
const KNOWN_ACTION: [bool; 256] = letters(b"AMCTFRN");
const KNOWN_SIDE: [bool; 256] = letters(b"ABN");

const fn letters(list: &[u8]) -> [bool; 256] {
    let mut known = [false; 256];
    let mut k = 0;
    while k < list.len() {
        known[list[k] as usize] = true;
        k += 1;
    }
    known
}

impl Memory {
    pub(super) fn new(kind: Option<InstrumentKind>) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Whether prices below zero can be: spreads and futures have had them.
    fn may_be_negative(&self) -> bool {
        matches!(self.kind, Some(InstrumentKind::Future | InstrumentKind::Option))
    }

    /// Whether crossed quotes are lawful now: the market does not trade, or has not yet.
    fn is_quiet(&self, options: &CheckOptions) -> bool {
        match self.phase {
            Some(phase) => phase != TradingPhase::Trading,
            None => !self.traded && !options.quotes_only,
        }
    }

    /// Judges an event and remembers it when it passes.
    pub(super) fn event(
        &mut self,
        event: &MarketEvent,
        options: &CheckOptions,
        lawful: &mut Lawful,
    ) -> Verdict {
        let (ts_event, ts_recv) = (event.ts_event(), event.ts_recv());
        if ts_event < FIRST_TIME {
            return Err((Problem::Impossible, format!("time {ts_event}")));
        }
        let slot = slot(event);
        if let (Some(slot), Some((event_before, recv_before))) =
            (slot, slot.and_then(|slot| self.times[slot]))
        {
            let back = event_before.0.saturating_sub(ts_event.0);
            if back > 0 && ts_recv < recv_before {
                let details = format!("{} ns before its predecessor", back);
                return Err((Problem::OutOfOrder, details));
            }
            if back > 0 || ts_recv < recv_before {
                lawful.backward_steps += 1;
                lawful.largest_step_ns = lawful.largest_step_ns.max(back);
            }
            self.judge(event, options, lawful)?;
            self.times[slot] = Some((event_before.max(ts_event), recv_before.max(ts_recv)));
            return Ok(());
        }
        self.judge(event, options, lawful)?;
        if let Some(slot) = slot {
            self.times[slot] = Some((ts_event, ts_recv));
        }
        Ok(())
    }

    fn judge(
        &mut self,
        event: &MarketEvent,
        options: &CheckOptions,
        lawful: &mut Lawful,
    ) -> Verdict {
        match event {
            MarketEvent::Trade(trade) => {
                self.price("price", trade.price, true)?;
                quantity("quantity", trade.quantity)?;
                if trade.quantity.0 == 0 {
                    return Err((Problem::Impossible, "a trade of nothing".into()));
                }
                repeated(self.last_trade == Some(*trade), options, lawful)?;
                self.last_trade = Some(*trade);
                self.traded = true;
            }
            MarketEvent::Quote(quote) => {
                self.price("bid", quote.bid, false)?;
                self.price("ask", quote.ask, false)?;
                quantity("bid size", quote.bid_size)?;
                quantity("ask size", quote.ask_size)?;
                self.crossed(quote.bid, quote.ask, options, lawful)?;
                repeated(self.last_quote == Some(*quote), options, lawful)?;
                self.last_quote = Some(*quote);
            }
            MarketEvent::Depth(depth) => self.depth(depth, options, lawful)?,
            MarketEvent::Level(level) => {
                // A book that is cleared and has nothing yet names no price.
                self.price("price", level.price, !level.clear)?;
                quantity("quantity", level.quantity)?;
            }
            MarketEvent::Bar(bar) => self.bar(bar, options, lawful)?,
            MarketEvent::Status(status) => self.phase = Some(status.phase),
        }
        Ok(())
    }

    fn price(&self, what: &str, price: Price, needed: bool) -> Verdict {
        if !price.is_defined() {
            return if needed { Err((Problem::Impossible, format!("no {what}"))) } else { Ok(()) };
        }
        if price.0 < 0 && !self.may_be_negative() {
            return Err((Problem::Negative, format!("{what} {price}")));
        }
        Ok(())
    }

    fn crossed(
        &self,
        bid: Price,
        ask: Price,
        options: &CheckOptions,
        lawful: &mut Lawful,
    ) -> Verdict {
        if !bid.is_defined() || !ask.is_defined() || bid <= ask {
            return Ok(());
        }
        if self.is_quiet(options) {
            lawful.crossed_before_open += 1;
            return Ok(());
        }
        Err((Problem::Crossed, format!("bid {bid} above ask {ask}")))
    }

    fn depth(&self, depth: &Depth, options: &CheckOptions, lawful: &mut Lawful) -> Verdict {
        for (side, levels, up) in [("bid", &depth.bids, false), ("ask", &depth.asks, true)] {
            for level in levels {
                self.price(side, level.price, true)?;
                quantity(side, level.quantity)?;
            }
            let sorted = levels.windows(2).all(|pair| (pair[0].price < pair[1].price) == up);
            if !sorted || levels.windows(2).any(|pair| pair[0].price == pair[1].price) {
                return Err((Problem::Impossible, format!("{side} levels out of order")));
            }
        }
        match (depth.bids.first(), depth.asks.first()) {
            (Some(bid), Some(ask)) => self.crossed(bid.price, ask.price, options, lawful),
            _ => Ok(()),
        }
    }

    fn bar(&mut self, bar: &Bar, options: &CheckOptions, lawful: &mut Lawful) -> Verdict {
        for (what, price) in
            [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)]
        {
            self.price(what, price, true)?;
        }
        let impossible = |details: String| Err((Problem::Impossible, details));
        if bar.high < bar.low {
            return impossible(format!("high {} below low {}", bar.high, bar.low));
        }
        for (what, price) in [("open", bar.open), ("close", bar.close)] {
            if price > bar.high || price < bar.low {
                return impossible(format!(
                    "{what} {price} outside low {} to high {}",
                    bar.low, bar.high
                ));
            }
        }
        if bar.volume < 0 {
            return Err((Problem::Negative, format!("volume {}", format_nanos(bar.volume))));
        }
        if bar.close_time <= bar.open_time {
            return impossible(format!("closes at {}, its open", bar.close_time));
        }
        let place = self.bars.iter().position(|last| last.timeframe == bar.timeframe);
        if let Some(last) = place.map(|at| &self.bars[at]) {
            if bar.open_time == last.open_time {
                let details = format!("a second bar of {}", bar.open_time);
                return Err((Problem::Duplicated, details));
            }
            if bar.open_time > last.close_time {
                let missing =
                    (bar.open_time.0 - last.close_time.0).div_ceil(bar.timeframe.0.max(1));
                if options.continuous_bars {
                    // The gap is told once: this bar is the first after it.
                    let details = format!("{missing} intervals after {}", last.close_time);
                    self.remember(place, bar);
                    return Err((Problem::Gapped, details));
                }
                lawful.empty_intervals += missing;
            }
        }
        self.remember(place, bar);
        Ok(())
    }

    fn remember(&mut self, place: Option<usize>, bar: &Bar) {
        match place {
            Some(at) => self.bars[at] = *bar,
            None => self.bars.push(*bar),
        }
    }

    /// How many records at the front of `bytes` are of one instrument and beyond doubt. They are
    /// remembered; [`Self::order`] judges those of the [`GROUP`] behind them.
    pub(super) fn sound_orders(&mut self, bytes: &[u8], stride: usize) -> usize {
        if stride == MBO_SIZE {
            self.sound_records::<MBO_SIZE>(bytes)
        } else {
            self.sound_records::<STAMPED_MBO_SIZE>(bytes)
        }
    }

    fn sound_records<const STRIDE: usize>(&mut self, bytes: &[u8]) -> usize {
        let floor = if self.may_be_negative() { i64::MIN } else { 0 };
        let records = bytes.as_chunks::<STRIDE>().0;
        // Length, record type, publisher and instrument: one word.
        let Some(header) = records.first().map(|first| word(first, 0)) else { return 0 };
        let (mut ts_event, mut ts_recv) = (self.order.ts_event, self.order.ts_recv);
        let mut sound = 0;
        // Some records at a time, without a branch for each of them.
        for group in records.chunks(GROUP) {
            let mut doubt = false;
            let (mut latest, mut received) = (ts_event, ts_recv);
            for record in group {
                // Size, flags, channel, action and side: another.
                let tail = word(record, 32);
                let event = word(record, 8);
                let recv = word(record, 40);
                let snapshot = tail & (u64::from(SNAPSHOT) << 32) != 0;
                doubt |= (word(record, 0) != header)
                    | ((word(record, 24) as i64) < floor)
                    | (tail as u32 == 0)
                    | ((recv < received) & !snapshot)
                    | !(KNOWN_ACTION[usize::from((tail >> 48) as u8)]
                        & KNOWN_SIDE[usize::from((tail >> 56) as u8)]);
                // The clock of a snapshot is another.
                latest = if snapshot { latest } else { latest.max(event) };
                received = if snapshot { received } else { recv };
            }
            if doubt {
                // Those in front of the one in doubt are judged one by one too: rare, and short.
                break;
            }
            (ts_event, ts_recv) = (latest, received);
            sound += group.len();
        }
        (self.order.ts_event, self.order.ts_recv) = (ts_event, ts_recv);
        sound
    }

    /// Judges a market-by-order record.
    pub(super) fn order(&mut self, record: Mbo<'_>, lawful: &mut Lawful) -> Verdict {
        let floor = if self.may_be_negative() { i64::MIN } else { 0 };
        let memory = &mut self.order;
        let (ts_event, ts_recv) = (record.ts_event_raw(), record.ts_recv_raw());
        let sequence = record.sequence();
        if record.flags() & SNAPSHOT != 0 {
            lawful.snapshot_records += 1;
        } else {
            let back = memory.ts_event.saturating_sub(ts_event);
            if ts_recv < memory.ts_recv && back > 0 {
                return Err((Problem::OutOfOrder, format!("{back} ns before its predecessor")));
            }
            if back > 0 {
                lawful.backward_steps += 1;
                lawful.largest_step_ns = lawful.largest_step_ns.max(back);
            }
            lawful.sequence_gaps += u64::from(sequence > memory.sequence.saturating_add(1));
            memory.ts_event = memory.ts_event.max(ts_event);
            memory.ts_recv = memory.ts_recv.max(ts_recv);
            memory.sequence = sequence;
        }
        let impossible = |details: String| Err((Problem::Impossible, details));
        if record.price_raw() < floor {
            return Err((Problem::Negative, format!("price {}", record.price())));
        }
        match record.action() {
            b'A' if record.price().is_defined() && record.size() == 0 => {
                impossible(format!("order {} of nothing is added", record.order_id()))
            }
            b'A' | b'M' | b'C' | b'T' | b'F' if !KNOWN_SIDE[usize::from(record.side_raw())] => {
                impossible(format!("side {:?}", char::from(record.side_raw())))
            }
            action if KNOWN_ACTION[usize::from(action)] => Ok(()),
            other => impossible(format!("action {:?}", char::from(other))),
        }
    }
}

/// Which series of times an event belongs to; bars of several timeframes are told apart by
/// their own check.
fn slot(event: &MarketEvent) -> Option<usize> {
    Some(match event {
        MarketEvent::Trade(_) => 0,
        MarketEvent::Quote(_) => 1,
        MarketEvent::Depth(_) => 2,
        MarketEvent::Level(_) => 3,
        MarketEvent::Bar(_) => 4,
        MarketEvent::Status(_) => return None,
    })
}

fn quantity(what: &str, quantity: Quantity) -> Verdict {
    if quantity.0 < 0 {
        return Err((Problem::Negative, format!("{what} {quantity}")));
    }
    Ok(())
}

fn repeated(same: bool, options: &CheckOptions, lawful: &mut Lawful) -> Verdict {
    if same && options.unique_rows {
        return Err((Problem::Duplicated, "equal to its predecessor in every field".into()));
    }
    lawful.repeated_rows += u64::from(same);
    Ok(())
}
