//! The tables of a run, written and read back with the `parquet` crate.

use model::{
    CancelReason, Currency, Fill, Instrument, InstrumentIndex, InstrumentKind, LiquiditySide, Lots,
    Money, NANO, OrderId, OrderKind, Price, Quantity, Reason, Side, StrategyIndex, Ticks,
    TimeInForce, UnixNanos,
};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use std::fs::File;
use std::path::Path;
use tickforge_store::{
    ArtefactPaths, ArtefactWriter, EquityPoint, Names, OrderEventKind, OrderEventRow, RoundTripRow,
    TradeRow, Written,
};

const START: u64 = 1_703_545_200_000_000_123;

fn names() -> Names {
    let future = Instrument::new(
        "ESH4",
        InstrumentKind::Future,
        Price(250_000_000),
        Quantity(NANO),
        Price(50 * NANO),
        Currency::USD,
    )
    .unwrap();
    let mut coin = Instrument::plain_equity("BTC", Currency::USD).unwrap();
    coin.lot_size = Quantity(1_000_000);
    Names {
        strategies: vec!["quoter".into(), "taker".into()],
        instruments: vec![future, coin],
        currency: Currency::USD,
    }
}

fn money(text: &str) -> Money {
    Money(model::decimal::parse_nanos(text).unwrap())
}

fn paths(folder: &Path) -> ArtefactPaths {
    ArtefactPaths {
        metrics: Some(folder.join("metrics.parquet")),
        trades: Some(folder.join("trades.parquet")),
        orders: Some(folder.join("orders.parquet")),
        round_trips: Some(folder.join("round_trips.parquet")),
    }
}

fn point(at: u64, strategy: u16) -> EquityPoint {
    EquityPoint {
        ts_event: UnixNanos(START + at),
        strategy: StrategyIndex(strategy),
        equity: money("100012.345678901"),
        cash: money("100000"),
        position_value: money("12.345678901"),
        drawdown: money("0.1"),
    }
}

fn trade() -> TradeRow {
    TradeRow {
        fill: Fill {
            order: OrderId::new(StrategyIndex(1), 7),
            instrument: InstrumentIndex(1),
            side: Side::Sell,
            quantity: Lots(2500),
            price: Price::parse("42000.123456789").unwrap(),
            liquidity: LiquiditySide::Taker,
            basis: model::FillBasis::Taken,
            ts_event: UnixNanos(START),
            leaves: Lots(1),
            fee: money("-0.25"),
            reduce_only: false,
        },
        notional: money("105000.308641973"),
        realized: money("3.5"),
        position: Lots(-2500),
    }
}

fn order(event: OrderEventKind, kind: OrderKind) -> OrderEventRow {
    OrderEventRow {
        ts_event: UnixNanos(START),
        order: OrderId::new(StrategyIndex(0), 1),
        instrument: InstrumentIndex(0),
        event,
        side: Side::Buy,
        order_type: model::OrderType::of(kind, None),
        limit: kind.limit(),
        time_in_force: TimeInForce::Ioc,
        post_only: true,
        quantity: Lots(5),
        filled: Lots(2),
        leaves: Lots(3),
    }
}

fn trip() -> RoundTripRow {
    RoundTripRow {
        strategy: StrategyIndex(0),
        instrument: InstrumentIndex(0),
        side: Side::Sell,
        ts_open: UnixNanos(START),
        ts_close: UnixNanos(START + 5),
        quantity: Lots(2),
        entry_price: Price::parse("4801.25").unwrap(),
        exit_price: Price::parse("4800.125").unwrap(),
        gross: money("112.5"),
        fees: money("3.4"),
        mae: money("25"),
        mfe: money("150"),
        fills: 3,
    }
}

/// All rows of a file as words, column names first.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr();
    let columns = schema.columns().iter().map(|c| c.name().to_owned()).collect();
    let rows = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap().get_column_iter().map(|(_, field)| field.clone()).collect())
        .collect();
    (columns, rows)
}

fn value(table: &(Vec<String>, Vec<Vec<Field>>), row: usize, column: &str) -> Field {
    let at = table.0.iter().position(|name| name == column).unwrap();
    table.1[row][at].clone()
}

fn text(word: &str) -> Field {
    Field::Str(word.to_owned())
}

#[test]
fn every_table_reads_back_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder.path().join("results/deep"));
    let mut writer = ArtefactWriter::create(&paths, names()).unwrap();
    assert!(writer.wants_order_events());
    writer.equity(point(0, 0)).unwrap();
    writer.equity(point(1, 1)).unwrap();
    writer.trade(trade()).unwrap();
    let limit = OrderKind::Limit(Ticks(19_205));
    writer.order_event(order(OrderEventKind::Submitted, limit)).unwrap();
    let denied = OrderEventKind::Denied(Reason::MaxPosition);
    writer.order_event(order(denied, OrderKind::Market)).unwrap();
    let price = Price::parse("4801.3").unwrap();
    writer.order_event(order(OrderEventKind::Filled(price), limit)).unwrap();
    let canceled = OrderEventKind::Canceled(CancelReason::EndOfRun);
    writer.order_event(order(canceled, limit)).unwrap();
    writer.round_trip(trip()).unwrap();
    let written = writer.finish().unwrap();
    let rows = (written.metrics, written.trades, written.orders, written.round_trips);
    assert_eq!(rows, (Some(2), Some(1), Some(4), Some(1)));

    let metrics = read(paths.metrics.as_deref().unwrap());
    let expected = ["ts", "strategy", "equity", "cash", "position_value", "drawdown"];
    assert_eq!(metrics.0, expected);
    assert_eq!(value(&metrics, 1, "strategy"), text("taker"));
    assert_eq!(value(&metrics, 0, "equity"), Field::Double(100_012.345_678_901));
    assert_eq!(value(&metrics, 0, "drawdown"), Field::Double(0.1));
    assert_eq!(value(&metrics, 0, "ts"), Field::Long(START as i64));

    let trades = read(paths.trades.as_deref().unwrap());
    assert_eq!(value(&trades, 0, "instrument"), text("BTC"));
    assert_eq!(value(&trades, 0, "order"), Field::Long(7));
    assert_eq!(value(&trades, 0, "quantity"), Field::Double(2.5));
    assert_eq!(value(&trades, 0, "position"), Field::Double(-2.5));
    assert_eq!(value(&trades, 0, "price"), Field::Double(42_000.123_456_789));
    assert_eq!(value(&trades, 0, "fee"), Field::Double(-0.25));
    assert_eq!(value(&trades, 0, "liquidity"), text("taker"));

    let orders = read(paths.orders.as_deref().unwrap());
    assert_eq!(value(&orders, 0, "limit_price"), Field::Double(4801.25));
    assert_eq!(value(&orders, 0, "reason"), Field::Null);
    assert_eq!(value(&orders, 1, "reason"), text("ERR_RISK_MAX_POSITION"));
    assert_eq!(value(&orders, 1, "limit_price"), Field::Null);
    assert_eq!(value(&orders, 1, "type"), text("market"));
    assert_eq!(value(&orders, 2, "fill_price"), Field::Double(4801.3));
    assert_eq!(value(&orders, 3, "reason"), text("end_of_run"));
    assert_eq!(value(&orders, 3, "time_in_force"), text("ioc"));
    assert_eq!(value(&orders, 3, "post_only"), Field::Bool(true));

    let trips = read(paths.round_trips.as_deref().unwrap());
    assert_eq!(value(&trips, 0, "side"), text("short"));
    assert_eq!(value(&trips, 0, "net"), Field::Double(109.1));
    assert_eq!(value(&trips, 0, "fills"), Field::UInt(3));
}

#[test]
fn many_rows_keep_their_order_and_a_table_without_rows_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    let mut writer = ArtefactWriter::create(&paths, names()).unwrap();
    for at in 0..100_000 {
        writer.equity(point(at, (at % 2) as u16)).unwrap();
    }
    let written = writer.finish().unwrap();
    assert_eq!((written.metrics, written.trades), (Some(100_000), Some(0)));
    let metrics = read(paths.metrics.as_deref().unwrap());
    for (at, row) in metrics.1.iter().enumerate() {
        assert_eq!(row[0], Field::Long((START + at as u64) as i64));
    }
    assert_eq!(metrics.1.len(), 100_000);
    let trades = read(paths.trades.as_deref().unwrap());
    assert_eq!((trades.0.len(), trades.1.len()), (13, 0));
}

#[test]
fn an_abandoned_run_leaves_nothing_and_keeps_the_files_of_the_run_before() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(folder.path());
    std::fs::write(paths.trades.as_deref().unwrap(), "the run before").unwrap();
    let mut writer = ArtefactWriter::create(&paths, names()).unwrap();
    for at in 0..10_000 {
        writer.equity(point(at, 0)).unwrap();
    }
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read(paths.trades.as_deref().unwrap()).unwrap(), b"the run before");
}

#[test]
fn what_was_not_asked_for_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = paths(folder.path());
    (paths.orders, paths.round_trips, paths.metrics) = (None, None, None);
    let mut writer = ArtefactWriter::create(&paths, names()).unwrap();
    assert!(!writer.wants_order_events());
    writer.order_event(order(OrderEventKind::Accepted, OrderKind::Market)).unwrap();
    writer.trade(trade()).unwrap();
    let written = writer.finish().unwrap();
    assert_eq!(written, Written { trades: Some(1), ..Written::default() });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn rows_of_unknown_strategies_and_instruments_are_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ArtefactWriter::create(&paths(folder.path()), names()).unwrap();
    let error = writer.equity(point(0, 2)).unwrap_err();
    assert_eq!(error.code(), "ERR_STORE_UNKNOWN_INDEX");
    assert!(error.to_string().contains("metrics names strategy 2, the run has 2"), "{error}");
    let mut row = trade();
    row.fill.instrument = InstrumentIndex(9);
    assert_eq!(writer.trade(row).unwrap_err().code(), "ERR_STORE_UNKNOWN_INDEX");
    assert_eq!(writer.finish().unwrap().trades, Some(0));
}

#[test]
fn a_quantity_beyond_its_type_is_an_error_and_nothing_appears() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ArtefactWriter::create(&paths(folder.path()), names()).unwrap();
    let mut row = trade();
    row.fill.quantity = Lots(i64::MAX);
    writer.trade(row).unwrap();
    assert_eq!(writer.finish().unwrap_err().code(), "ERR_STORE_AMOUNT");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn two_tables_in_one_file_are_refused_however_the_path_is_spelt() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = paths(folder.path());
    paths.trades = Some(folder.path().join("sub/../metrics.parquet"));
    let error = ArtefactWriter::create(&paths, names()).err().unwrap();
    assert_eq!(error.code(), "ERR_STORE_SAME_FILE");
    let files = std::fs::read_dir(folder.path()).unwrap();
    assert!(files.flatten().all(|entry| entry.path().is_dir()));
}

#[test]
fn a_folder_in_the_place_of_a_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ArtefactPaths { metrics: Some(folder.path().into()), ..ArtefactPaths::default() };
    let error = ArtefactWriter::create(&paths, names()).err().unwrap();
    assert_eq!(error.code(), "ERR_STORE_NOT_A_FILE");
}
