//! Random streams against a plain book, compared after every step.

mod common;

use book::{BookL2, BookL3};
use common::{PlainBook, SIDES, assert_same, grid, record};
use model::{Lots, Mbo, MboFields, Side, Ticks};
use proptest::prelude::*;

/// Few ids and prices, so that they meet; now and then a price beyond the ladder's window.
fn any_record() -> impl Strategy<Value = MboFields> {
    let action = prop_oneof![
        8 => Just(b'A'), 5 => Just(b'C'), 5 => Just(b'M'),
        1 => Just(b'T'), 1 => Just(b'F'), 1 => Just(b'N'),
    ];
    let side = prop_oneof![10 => Just(b'B'), 10 => Just(b'A'), 1 => Just(b'N')];
    let price = prop_oneof![12 => -3i64..12, 2 => -9_000i64..9_000, 1 => Just(1_000_000i64)];
    (action, side, 0u64..24, price, 0u32..6)
        .prop_map(|(action, side, id, price, size)| record(action, side, id << 33, price, size))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_step_of_a_random_stream_agrees_with_a_plain_book(
        stream in prop::collection::vec(any_record(), 1..120),
        clear_at in 0usize..240,
    ) {
        let mut book = BookL3::new(grid());
        let mut plain = PlainBook::default();
        for (step, fields) in stream.iter().enumerate() {
            if step == clear_at {
                let clear = record(b'R', b'N', 0, 0, 0);
                book.apply(Mbo::new(&clear.encode())).unwrap();
                plain.apply(&clear);
            }
            let bytes = fields.encode();
            book.prefetch(Mbo::new(&bytes));
            book.prefetch_order(Mbo::new(&bytes));
            book.apply(Mbo::new(&bytes)).unwrap();
            plain.apply(fields);
            assert_same(&book, &plain, step);
        }
        let bytes = book.snapshot();
        let restored = BookL3::restore(&bytes).unwrap();
        assert_same(&restored, &plain, stream.len());
        prop_assert_eq!(restored.snapshot(), bytes);
        prop_assert_eq!(restored.anomalies(), book.anomalies());
    }

    #[test]
    fn no_record_whatever_its_bytes_breaks_the_book(
        stream in prop::collection::vec((any_record(), any::<[u64; 7]>(), 0u8..8), 1..80),
    ) {
        let mut book = BookL3::new(model::PriceGrid::new(model::Price(1)).unwrap());
        for (fields, noise, which) in stream {
            let mut bytes = fields.encode();
            // Noise in some fields of a record that is otherwise sound: id, price, the rest.
            for field in (1..7).filter(|field| which == 7 || which == *field) {
                let at = usize::from(field) * 8;
                bytes[at..at + 8].copy_from_slice(&noise[usize::from(field)].to_le_bytes());
            }
            let before = book.snapshot();
            if let Err(error) = book.apply(Mbo::new(&bytes)) {
                prop_assert_eq!(error.code(), "ERR_BOOK_PRICE_OUT_OF_RANGE");
                prop_assert_eq!(book.snapshot(), before);
            }
            let after = book.snapshot();
            prop_assert_eq!(BookL3::restore(&after).unwrap().snapshot(), after);
        }
    }

    #[test]
    fn a_changed_snapshot_is_refused_or_is_a_sound_book(
        stream in prop::collection::vec(any_record(), 1..40),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut book = BookL3::new(grid());
        for fields in &stream {
            book.apply(Mbo::new(&fields.encode())).unwrap();
        }
        let mut bytes = book.snapshot();
        prop_assert!(BookL3::restore(&bytes[..cut.index(bytes.len())]).is_err());
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        match BookL3::restore(&bytes) {
            Err(error) => prop_assert_eq!(error.code(), "ERR_BOOK_SNAPSHOT"),
            Ok(mut restored) => {
                prop_assert_eq!(restored.snapshot(), bytes);
                for id in 0..24u64 {
                    let _ = restored.cancel(id << 33, None);
                }
                restored.clear();
                prop_assert_eq!(restored.bbo(), model::Bbo::EMPTY);
            }
        }
    }

    #[test]
    fn levels_set_to_absolute_sizes_agree_with_a_sorted_map(
        stream in prop::collection::vec((any::<bool>(), -5_000i64..5_000, 0i64..4, 0u32..9), 1..300),
    ) {
        let mut book = BookL2::new();
        let mut plain = [std::collections::BTreeMap::new(), std::collections::BTreeMap::new()];
        for (ask, price, size, count) in stream {
            let side = SIDES[usize::from(ask)];
            // Half of the changes fall on few prices, so that levels are changed and removed.
            let price = if count % 2 == 0 { price % 10 } else { price };
            book.apply(side, Ticks(price), Lots(size), count).unwrap();
            if size == 0 {
                plain[side as usize].remove(&price);
            } else {
                plain[side as usize].insert(price, (size, count));
            }
            let best = [
                plain[0].last_key_value().map(|(&p, &l)| (p, l)),
                plain[1].first_key_value().map(|(&p, &l)| (p, l)),
            ];
            let bbo = book.bbo();
            let bid = bbo.bid.is_some().then_some((bbo.bid.0, (bbo.bid_size.0, bbo.bid_count)));
            let ask = bbo.ask.is_some().then_some((bbo.ask.0, (bbo.ask_size.0, bbo.ask_count)));
            prop_assert_eq!([bid, ask], best);
        }
        for side in SIDES {
            let levels: Vec<_> =
                book.levels(side).map(|l| (l.price.0, (l.quantity.0, l.count))).collect();
            let mut sorted: Vec<_> = plain[side as usize].iter().map(|(&p, &l)| (p, l)).collect();
            if side == Side::Buy {
                sorted.reverse();
            }
            prop_assert_eq!(levels, sorted);
        }
        let bytes = book.snapshot();
        prop_assert_eq!(BookL2::restore(&bytes).unwrap().snapshot(), bytes);
    }
}

/// Thousands of live orders under sparse ids: the order map grows, shifts back and is reused.
#[test]
fn a_long_stream_with_many_live_orders_agrees_with_a_plain_book() {
    let mut random = model::random::SeededRandom::new(11, "book");
    let mut book = BookL3::new(grid());
    let mut plain = PlainBook::default();
    let mut live: Vec<u64> = Vec::new();
    let mut most = 0;
    let mut next_id = 6_413_000_000_000u64;
    for step in 0..40_000 {
        let ticks = 19_200 + random.below(400) as i64 - 200;
        let grow = step < 15_000;
        let fields = match random.below(10) {
            n if live.is_empty() || n < if grow { 6 } else { 3 } => {
                next_id += 1 + random.below(900);
                live.push(next_id);
                let side = if random.below(2) == 0 { b'B' } else { b'A' };
                record(b'A', side, next_id, ticks, 1 + random.below(20) as u32)
            }
            n => {
                let at = random.below(live.len() as u64) as usize;
                let size = random.below(20) as u32;
                if n < 8 {
                    let id = live.swap_remove(at);
                    record(b'C', b'N', id, ticks, u32::MAX)
                } else {
                    record(b'M', b'N', live[at], ticks, size + 1)
                }
            }
        };
        most = most.max(live.len());
        book.apply(Mbo::new(&fields.encode())).unwrap();
        plain.apply(&fields);
        if step % 20 == 0 {
            assert_eq!(book.bbo(), plain.bbo(), "step {step}");
        }
        if step % 4_000 == 0 {
            assert_same(&book, &plain, step);
        }
    }
    assert_same(&book, &plain, 40_000);
    assert!(most > 4_000 && live.len() < 1_500, "{most} at most, {} at the end", live.len());
}
