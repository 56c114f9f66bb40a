//! Market by order, read in place: the loop that every record goes through.

use super::{Phase, Run};
use crate::input::{record_id, record_time};
use book::{BookL3, ORDER_AHEAD, SLOT_AHEAD, read_ahead};
use feed::MboBlock;
use model::{Mbo, mbo};
use venue::Market;

impl Run {
    /// Market by order, in place. Own orders arrive between events only, so an event that has
    /// begun is read to its end whatever the bound says. What goes wrong is kept as the run's failure.
    #[inline]
    pub(super) fn run_mbo(
        &mut self,
        which: usize,
        block: MboBlock<'_>,
        bound: &mut u64,
        limit: &mut u64,
        floor: u64,
        budget: &mut u64,
    ) {
        let bytes = block.bytes;
        let stride = block.stride;
        let mut position = self.inputs[which].position;
        let mut open_events = self.inputs[which].open_events;
        let mut latency = self.inputs[which].latency;
        let mut known = self.inputs[which].known;
        let mut read = 0u64;
        let first_record = self.inputs[which].record;
        let running = self.phase != Phase::New;
        let alone = self.markets.len() == 1;
        let mut next = None;
        while let Some(record) = bytes.get(position..).and_then(Mbo::first_of) {
            if open_events == 0 {
                let time = record_time(record);
                if time > *bound || read >= *budget {
                    next = Some(time);
                    break;
                }
            }
            if !running
                && !record.is_snapshot()
                && block.ids.get(record.publisher(), record.instrument_id()).is_some()
            {
                break;
            }
            if alone && let Market::L3(market) = &self.markets[0].market {
                look_ahead(market.book(), bytes, position, stride);
            }
            position += stride;
            read += 1;
            let id = record_id(record);
            if known.0 != id {
                known = (id, block.ids.get(record.publisher(), record.instrument_id()));
            }
            let Some(instrument) = known.1 else {
                self.counters.skipped += 1;
                continue;
            };
            // The venue's clock never goes back: a late record happens now.
            if record_time(record) < self.now {
                self.counters.clock_backward += 1;
            }
            let time = record_time(record).max(self.now);
            self.now = time;
            let state = &mut self.markets[instrument.index()];
            let Market::L3(market) = &mut state.market else { continue };
            if !state.in_event {
                state.in_event = true;
                open_events += 1;
            }
            let done = match market.apply(record, &mut self.ledger, &mut self.reports) {
                Ok(done) => done,
                Err(error) => {
                    self.keep_failure(Err(error.into()));
                    break;
                }
            };
            let seen_at = if record.flags() & mbo::flags::BAD_TS_RECV == 0 {
                let delay = record.ts_recv_raw().saturating_sub(time);
                latency = delay;
                time + delay
            } else {
                time + latency
            };
            if record.action() == b'T' {
                let number = first_record + read;
                let lowered = self.emit_mbo_trade(which, instrument, record, seen_at, number);
                *limit = (*limit).min(lowered.max(floor));
                *bound = (*bound).min(lowered.max(floor));
            }
            if done {
                let state = &mut self.markets[instrument.index()];
                state.in_event = false;
                open_events -= 1;
                self.counters.events += 1;
                let Market::L3(market) = &state.market else { continue };
                let bbo = market.bbo();
                // A snapshot in mid-stream is no flow: the first event after it tells what it left.
                if running && record.is_snapshot() {
                    continue;
                }
                if bbo != state.bbo {
                    state.bbo = bbo;
                    self.ledger.quote(instrument, bbo);
                    if running {
                        let number = first_record + read;
                        let lowered = self.emit_quote(which, instrument, time, seen_at, number);
                        *limit = (*limit).min(lowered.max(floor));
                        *bound = (*bound).min(lowered.max(floor));
                    } else {
                        self.show_before_start(instrument);
                    }
                } else if state.depth_levels > 1 && running {
                    let lowered =
                        self.emit_depth(which, instrument, time, seen_at, first_record + read);
                    *limit = (*limit).min(lowered.max(floor));
                    *bound = (*bound).min(lowered.max(floor));
                }
                if !self.reports.is_empty() {
                    let lowered = match self.dispatch_reports() {
                        Ok(lowered) => lowered,
                        Err(error) => {
                            self.keep_failure(Err(error));
                            break;
                        }
                    };
                    *limit = (*limit).min(lowered.max(floor));
                    *bound = (*bound).min(lowered.max(floor));
                }
                if self.now >= self.recorder.next_sample() {
                    self.sample_equity();
                }
                if *bound >= self.next_close {
                    *bound = self.next_close - 1;
                }
            }
        }
        self.counters.records += read;
        *budget -= read.min(*budget);
        let input = &mut self.inputs[which];
        input.stopped_at(position, next);
        input.open_events = open_events;
        input.latency = latency;
        input.known = known;
        input.record += read;
    }
}

/// Hints at the records that come soon. Where several instruments share a stream nobody knows
/// whose they are without looking, and it is left out.
#[inline(always)]
fn look_ahead(book: &BookL3, bytes: &[u8], position: usize, stride: usize) {
    read_ahead(bytes, position);
    if let Some(ahead) = bytes.get(position + SLOT_AHEAD * stride..).and_then(Mbo::first_of) {
        book.prefetch(ahead);
    }
    if let Some(ahead) = bytes.get(position + ORDER_AHEAD * stride..).and_then(Mbo::first_of) {
        book.prefetch_order(ahead);
    }
}
