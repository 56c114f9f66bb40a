//! What `reference/simulation.md` says of ESH4, counted in the file: the rules stand on it. The rules
//! themselves are tested on made events in `l3_rules.rs`, the two clocks in the engine's tests.

mod common;

use common::esh4::records;
use model::Mbo;
use model::mbo::flags;
use std::collections::BTreeSet;

/// The records of each event, snapshot aside.
fn events(records: &[[u8; 56]]) -> Vec<Vec<Mbo<'_>>> {
    let mut events = vec![Vec::new()];
    for record in records.iter().map(Mbo::new).filter(|record| !record.is_snapshot()) {
        let last = record.is_last();
        events.last_mut().unwrap().push(record);
        if last {
            events.push(Vec::new());
        }
    }
    assert!(events.pop().unwrap().is_empty(), "the file ends with an event");
    events
}

/// simulation.md, "Own orders in a recorded L3 stream", Queue: "every one of the 6,336 sided F has a
/// C or M of the same id in the same event".
#[test]
fn every_sided_fill_has_a_cancel_or_modify_in_its_event() {
    let Some(records) = records() else { return };
    let mut sided = 0;
    for event in events(&records) {
        let of = |actions: &'static [u8]| event.iter().filter(|r| actions.contains(&r.action()));
        let moved: BTreeSet<u64> = of(b"CM").map(|record| record.order_id()).collect();
        for fill in of(b"F").filter(|record| b"AB".contains(&record.side_raw())) {
            sided += 1;
            assert!(moved.contains(&fill.order_id()), "{fill:?}");
        }
    }
    assert_eq!(sided, 6_336);
}

/// The same section: "The 107 F of ESH4 that carry the aggressor's own id fill nobody."
#[test]
fn some_fills_carry_the_aggressors_own_id() {
    let Some(records) = records() else { return };
    let mut own = 0;
    for event in events(&records) {
        let mut aggressor = 0;
        for record in &event {
            match record.action() {
                b'T' => aggressor = record.order_id(),
                b'F' if record.order_id() == aggressor => own += 1,
                _ => {}
            }
        }
    }
    assert_eq!(own, 107);
}

/// "Two clocks": "2,692 events of ESH4 span several" receive stamps; "(snapshot aside) ts_recv −
/// ts_event is 79 µs at least, 119 µs median, 1.79 ms at p99"; "all 8,725 carry BAD_TS_RECV; the
/// first lies 11 h apart".
#[test]
fn receive_stamps_are_those_that_the_two_clocks_were_measured_on() {
    let Some(records) = records() else { return };
    let all: Vec<Mbo<'_>> = records.iter().map(Mbo::new).collect();
    let snapshot: Vec<&Mbo<'_>> = all.iter().filter(|record| record.is_snapshot()).collect();
    assert_eq!(snapshot.len(), 8_725);
    assert!(snapshot.iter().all(|record| record.flags() & flags::BAD_TS_RECV != 0));
    let apart = snapshot[0].ts_recv_raw() - snapshot[0].ts_event_raw();
    assert_eq!((apart + 1_800_000_000_000) / 3_600_000_000_000, 11, "hours, rounded");
    // The snapshot and the first event after it are one: the snapshot names no last record.
    let mut spanning = 0;
    let mut stamps = BTreeSet::new();
    for record in &all {
        stamps.insert(record.ts_recv_raw());
        if record.is_last() {
            spanning += usize::from(stamps.len() > 1);
            stamps.clear();
        }
    }
    assert_eq!(spanning, 2_692);
    let flow = all.iter().filter(|record| !record.is_snapshot());
    let mut delays: Vec<u64> = flow.map(|r| r.ts_recv_raw() - r.ts_event_raw()).collect();
    delays.sort_unstable();
    let micros = [0, delays.len() / 2, delays.len() * 99 / 100].map(|at| delays[at] / 1_000);
    assert_eq!(micros, [79, 119, 1_789]);
}
