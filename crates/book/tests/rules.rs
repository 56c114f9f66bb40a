//! The rules of building a book from market-by-order records, one by one.

mod common;

use book::{BookError, BookL2, BookL3};
use common::{TICK, grid, record};
use model::mbo::flags;
use model::{Bbo, Lots, Mbo, MboFields, Price, PriceGrid, Side, Ticks};

fn book_of(records: &[MboFields]) -> BookL3 {
    let mut book = BookL3::new(grid());
    for fields in records {
        book.apply(Mbo::new(&fields.encode())).unwrap();
    }
    book
}

fn queue(book: &BookL3, side: Side, ticks: i64) -> Vec<(u64, i64)> {
    book.orders_at(side, Ticks(ticks)).map(|o| (o.id, o.quantity.0)).collect()
}

fn three_bids() -> Vec<MboFields> {
    (1..=3).map(|id| record(b'A', b'B', id, 100, 5)).collect()
}

#[test]
fn trades_fills_and_none_never_touch_the_book() {
    let mut records = three_bids();
    let before = book_of(&records).snapshot();
    records.extend([b'T', b'F', b'N'].map(|action| record(action, b'B', 1, 100, 5)));
    assert_eq!(book_of(&records).snapshot(), before);
}

#[test]
fn a_cancel_reduces_by_its_size_and_removes_at_zero() {
    let mut records = three_bids();
    records.push(record(b'C', b'B', 2, 100, 2));
    assert_eq!(queue(&book_of(&records), Side::Buy, 100), [(1, 5), (2, 3), (3, 5)]);
    records.push(record(b'C', b'B', 2, 100, 3));
    let book = book_of(&records);
    assert_eq!(queue(&book, Side::Buy, 100), [(1, 5), (3, 5)]);
    assert_eq!((book.anomalies().total(), book.order(2)), (0, None));
}

#[test]
fn a_smaller_size_keeps_its_place_and_a_larger_size_or_new_price_goes_to_the_back() {
    let mut records = three_bids();
    records.push(record(b'M', b'B', 1, 100, 4));
    assert_eq!(queue(&book_of(&records), Side::Buy, 100), [(1, 4), (2, 5), (3, 5)]);
    records.push(record(b'M', b'B', 1, 100, 6));
    let book = book_of(&records);
    assert_eq!(queue(&book, Side::Buy, 100), [(2, 5), (3, 5), (1, 6)]);
    assert_eq!(book.order(1).unwrap().sequence, 4);
    records.push(record(b'M', b'B', 2, 101, 5));
    records.push(record(b'M', b'B', 2, 100, 5));
    assert_eq!(queue(&book_of(&records), Side::Buy, 100), [(3, 5), (1, 6), (2, 5)]);
    records.push(record(b'M', b'B', 3, 100, 5));
    let book = book_of(&records);
    assert_eq!(queue(&book, Side::Buy, 100), [(3, 5), (1, 6), (2, 5)], "nothing changed");
    assert_eq!(book.anomalies().total(), 0);
}

#[test]
fn an_iceberg_refill_above_the_remainder_goes_to_the_back() {
    let mut records = three_bids();
    // The fill exceeds what is displayed; the refill shows 5 again.
    records.push(record(b'F', b'B', 1, 100, 9));
    records.push(record(b'M', b'B', 1, 100, 2));
    records.push(record(b'M', b'B', 1, 100, 5));
    assert_eq!(queue(&book_of(&records), Side::Buy, 100), [(2, 5), (3, 5), (1, 5)]);
}

#[test]
fn a_clear_empties_the_book_and_sequences_go_on() {
    let mut records = three_bids();
    records.push(record(b'A', b'A', 9, 104, 1));
    records.push(MboFields { flags: flags::SNAPSHOT, ..record(b'R', b'N', 0, 0, 0) });
    let book = book_of(&records);
    assert_eq!((book.bbo(), book.order(1), book.next_sequence()), (Bbo::EMPTY, None, 5));
    records.push(record(b'A', b'B', 1, 100, 7));
    assert_eq!(queue(&book_of(&records), Side::Buy, 100), [(1, 7)]);
}

#[test]
fn a_clear_of_a_crowded_book_leaves_nothing() {
    let mut records: Vec<_> = (0..2_000)
        .map(|id| record(b'A', if id % 2 == 0 { b'B' } else { b'A' }, id, id as i64 * 7, 1))
        .collect();
    records.push(record(b'R', b'N', 0, 0, 0));
    let mut book = book_of(&records);
    assert_eq!(book.bbo(), Bbo::EMPTY);
    assert_eq!((book.level_count(Side::Buy), book.order_count(Side::Sell)), (0, 0));
    assert!((0..2_000).all(|id| book.order(id).is_none()));
    book.add(5, Side::Sell, Ticks(-3), Lots(1)).unwrap();
    assert_eq!(book.bbo().ask, Ticks(-3));
}

#[test]
fn on_a_top_of_book_venue_an_add_replaces_its_whole_side() {
    let top = |side, ticks, size| MboFields {
        flags: flags::LAST | flags::TOP_OF_BOOK,
        ..record(b'A', side, 0, ticks, size)
    };
    let mut records = vec![top(b'B', 100, 5), top(b'A', 102, 4), top(b'B', 99, 7)];
    let book = book_of(&records);
    let bbo = book.bbo();
    assert_eq!((bbo.bid, bbo.bid_size, bbo.bid_count), (Ticks(99), Lots(7), 1));
    assert_eq!((bbo.ask, bbo.ask_size, book.level_count(Side::Buy)), (Ticks(102), Lots(4), 1));
    assert_eq!(BookL3::restore(&book.snapshot()).unwrap().snapshot(), book.snapshot());
    records.push(MboFields { price: i64::MAX, ..top(b'B', 0, 0) });
    let book = book_of(&records);
    assert_eq!((book.bbo().bid, book.bbo().ask), (Ticks::NONE, Ticks(102)));
    assert_eq!(book.anomalies().total(), 0);
}

#[test]
fn a_book_may_be_crossed() {
    let book = book_of(&[record(b'A', b'B', 1, 101, 1), record(b'A', b'A', 2, 100, 1)]);
    assert!(book.bbo().is_locked_or_crossed());
}

#[test]
fn what_a_complete_stream_would_not_do_is_counted() {
    let mut records = three_bids();
    records.push(record(b'A', b'B', 1, 100, 8)); // duplicate: replaces, at the back
    records.push(record(b'C', b'B', 77, 100, 1)); // unknown
    records.push(record(b'M', b'A', 88, 104, 2)); // unknown: an add
    records.push(record(b'C', b'B', 2, 100, 6)); // more than is left: leaves
    records.push(record(b'A', b'B', 4, 100, 0)); // zero
    records.push(record(b'M', b'B', 3, 100, 0)); // zero: leaves
    records.push(record(b'M', b'B', 88, 99, 2)); // the other side
    records.push(record(b'A', b'N', 5, 100, 1)); // no side
    records.push(record(b'X', b'B', 5, 100, 1)); // no action
    let book = book_of(&records);
    assert_eq!(queue(&book, Side::Buy, 100), [(1, 8)]);
    assert_eq!(queue(&book, Side::Buy, 99), [(88, 2)]);
    assert_eq!(book.bbo().ask, Ticks::NONE);
    let counted: Vec<_> = book.anomalies().named().into_iter().collect();
    assert_eq!(
        counted,
        [
            ("unknown_cancels", 1),
            ("unknown_modifies", 1),
            ("duplicate_adds", 1),
            ("over_cancels", 1),
            ("zero_sizes", 2),
            ("side_changes", 1),
            ("sideless", 1),
            ("unknown_actions", 1),
        ]
    );
    assert_eq!(book.anomalies().total(), 9);
}

#[test]
fn a_price_on_no_tick_is_an_error_and_leaves_the_book_as_it_was() {
    let mut book = book_of(&three_bids());
    let before = book.snapshot();
    let price = 100 * TICK + 1;
    for bad in [
        MboFields { price, ..record(b'A', b'B', 9, 0, 1) },
        MboFields { price, ..record(b'M', b'B', 1, 0, 1) },
        MboFields { price, ..record(b'M', b'B', 9, 0, 1) },
    ] {
        let error = book.apply(Mbo::new(&bad.encode())).unwrap_err();
        assert_eq!(error.code(), "ERR_BOOK_OFF_TICK");
        assert!(error.to_string().contains("25.000000001"), "{error}");
        assert_eq!(book.snapshot(), before);
    }
    let none = MboFields { price: i64::MAX, ..record(b'A', b'B', 9, 0, 1) };
    let error = book.apply(Mbo::new(&none.encode())).unwrap_err();
    assert_eq!(error.code(), "ERR_BOOK_PRICE_OUT_OF_RANGE");
    assert_eq!(book.snapshot(), before);
}

#[test]
fn prices_at_the_end_of_the_range_are_refused_on_the_finest_grid() {
    let mut book = BookL3::new(PriceGrid::new(Price(1)).unwrap());
    for price in [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1, (1 << 60) + 1] {
        for side in [b'B', b'A'] {
            let bad = MboFields { price, ..record(b'A', side, 9, 0, 1) };
            let error = book.apply(Mbo::new(&bad.encode())).unwrap_err();
            assert_eq!(error.code(), "ERR_BOOK_PRICE_OUT_OF_RANGE", "{price}");
        }
    }
    for (id, price) in [(1, 1 << 60), (2, -(1 << 60))] {
        for side in [Side::Buy, Side::Sell] {
            book.add(id + 10 * side as u64, side, Ticks(price), Lots(1)).unwrap();
        }
    }
    assert_eq!((book.bbo().bid, book.bbo().ask), (Ticks(1 << 60), Ticks(-(1 << 60))));
}

#[test]
fn a_book_driven_by_hand_refuses_what_its_caller_gets_wrong() {
    let mut book = BookL3::new(grid());
    book.add(1, Side::Buy, Ticks(100), Lots(5)).unwrap();
    book.add(2, Side::Buy, Ticks(100), Lots(5)).unwrap();
    let before = book.snapshot();
    let code = |result: Result<(), BookError>| result.unwrap_err().code();
    assert_eq!(code(book.add(1, Side::Sell, Ticks(9), Lots(1))), "ERR_BOOK_DUPLICATE_ORDER");
    for bad in [0, -1, 1 << 32] {
        assert_eq!(code(book.add(3, Side::Buy, Ticks(100), Lots(bad))), "ERR_BOOK_QUANTITY");
        assert_eq!(code(book.modify(1, Ticks(100), Lots(bad))), "ERR_BOOK_QUANTITY");
        assert_eq!(code(book.cancel(1, Some(Lots(bad))).map(drop)), "ERR_BOOK_QUANTITY");
    }
    assert_eq!(code(book.cancel(1, Some(Lots(6))).map(drop)), "ERR_BOOK_QUANTITY");
    assert_eq!(code(book.cancel(9, None).map(drop)), "ERR_BOOK_UNKNOWN_ORDER");
    assert_eq!(code(book.modify(9, Ticks(1), Lots(1))), "ERR_BOOK_UNKNOWN_ORDER");
    let far = book.add(3, Side::Buy, Ticks::NONE, Lots(1));
    assert_eq!(code(far), "ERR_BOOK_PRICE_OUT_OF_RANGE");
    assert_eq!(book.snapshot(), before);

    assert_eq!(book.cancel(1, Some(Lots(2))), Ok(Lots(3)));
    book.modify(1, Ticks(100), Lots(2)).unwrap();
    assert_eq!(queue(&book, Side::Buy, 100), [(1, 2), (2, 5)]);
    book.modify(1, Ticks(100), Lots(3)).unwrap();
    assert_eq!(queue(&book, Side::Buy, 100), [(2, 5), (1, 3)]);
    assert_eq!(book.cancel(2, None), Ok(Lots(0)));
    book.modify(1, Ticks(90), Lots(3)).unwrap();
    assert_eq!((book.bbo().bid, book.bbo().bid_count), (Ticks(90), 1));
}

#[test]
fn bytes_of_another_kind_are_no_snapshot() {
    let l3 = book_of(&three_bids()).snapshot();
    let mut l2 = BookL2::new();
    l2.apply(Side::Buy, Ticks(5), Lots(1), 1).unwrap();
    assert_eq!(BookL2::restore(&l3).unwrap_err().code(), "ERR_BOOK_SNAPSHOT");
    assert_eq!(BookL3::restore(&l2.snapshot()).unwrap_err().code(), "ERR_BOOK_SNAPSHOT");
    let mut claims = l3.clone();
    claims[88..96].copy_from_slice(&u64::MAX.to_le_bytes()); // the number of bids
    let error = BookL3::restore(&claims).unwrap_err();
    assert_eq!(
        error,
        BookError::Snapshot { at: 88, reason: "it counts more items than its bytes hold" }
    );
}

#[test]
fn levels_are_checked_before_they_are_set() {
    let mut book = BookL2::new();
    book.apply(Side::Sell, Ticks(5), Lots(3), 2).unwrap();
    let negative = book.apply(Side::Sell, Ticks(5), Lots(-1), 0).unwrap_err();
    assert_eq!(negative.code(), "ERR_BOOK_QUANTITY");
    let none = book.apply(Side::Sell, Ticks::NONE, Lots(1), 0).unwrap_err();
    assert_eq!(none.code(), "ERR_BOOK_PRICE_OUT_OF_RANGE");
    assert_eq!(book.level(Side::Sell, Ticks(5)).quantity, Lots(3));
    book.apply(Side::Sell, Ticks(6), Lots(0), 0).unwrap();
    assert_eq!(book.level_count(Side::Sell), 1);
    book.clear();
    assert_eq!(book.bbo(), Bbo::EMPTY);
}
