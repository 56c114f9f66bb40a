//! A run walked row by row, every row a line that a test can read.

use super::memory::OPEN;
use engine::row::{Row, RowKind, row_flags};
use engine::{Command, EngineError, Next, Run};
use model::{ReportKind, StrategyIndex};

/// Walks a run to its end; `act` gives the commands of a row. A line is the strategy, the time in
/// µs after the opening, and what the row tells.
pub fn walk(
    run: &mut Run,
    act: &mut dyn FnMut(&Run, usize, &Row) -> Vec<Command>,
) -> Result<Vec<String>, EngineError> {
    let mut lines = Vec::new();
    loop {
        match run.next_row()? {
            Next::Finished => return Ok(lines),
            Next::Working => {}
            Next::Row(strategy) => {
                let row = *run.row();
                lines.push(line(run, strategy, &row));
                for command in act(run, strategy.index(), &row) {
                    run.command(strategy, command)?;
                }
                if let Row::Market(market) = &row {
                    run.release(market);
                }
            }
        }
    }
}

/// Walks a run whose strategies only look on.
pub fn watch(run: &mut Run) -> Vec<String> {
    walk(run, &mut |_, _, _| Vec::new()).expect("the run ends")
}

/// Microseconds after the opening.
fn micros(time: u64) -> String {
    let nanos = time as i64 - (OPEN * 1_000_000_000) as i64;
    if nanos % 1000 == 0 { format!("{}", nanos / 1000) } else { format!("{nanos}n") }
}

fn quarters(price: model::Price) -> String {
    if price.is_defined() { format!("{}", price.0 / 250_000_000) } else { "-".to_owned() }
}

fn touch(bbo: &model::Bbo) -> String {
    let text = |ticks: model::Ticks| {
        if ticks.is_some() { ticks.0.to_string() } else { "-".to_owned() }
    };
    format!("{}/{}", text(bbo.bid), text(bbo.ask))
}

fn line(run: &Run, strategy: StrategyIndex, row: &Row) -> String {
    let side = &run.strategies()[strategy.index()];
    let head = format!("{} {}", strategy.0, micros(row.due()));
    match row {
        Row::Market(row) => {
            let of = row.instrument.0;
            let warm = if row.flags & row_flags::WARM_UP == 0 { "" } else { " warm" };
            let bbo = touch(&row.bbo);
            match row.kind {
                RowKind::Trade => {
                    format!("{head} trade {of} {} {bbo}{warm}", quarters(model::Price(row.a)))
                }
                RowKind::Bar => {
                    let bar = run.bar(row.a);
                    let end = if row.flags & row_flags::SLICE_END == 0 { "" } else { " end" };
                    format!("{head} bar {of} {} {}{end}{warm}", bar.timeframe, quarters(bar.close))
                }
                RowKind::Depth => {
                    let depth = run.depth(row.a);
                    format!("{head} depth {of} {}+{} {bbo}", depth.bid_levels, depth.ask_levels)
                }
                _ => format!("{head} quote {of} {bbo}{warm}"),
            }
        }
        Row::Cash { change, .. } => {
            format!("{head} {} {} @{}", change.kind.as_str(), change.amount.0, change.ts)
        }
        Row::Report { report, .. } => {
            let number = report.order.number();
            let (of, event) = (report.instrument.0, micros(report.ts_event.0));
            let status = side.orders.status(report.order);
            let status = status.map_or_else(String::new, |status| format!(" {status:?}"));
            let what = match report.kind {
                ReportKind::Denied(reason) => format!("denied {}", reason.code()),
                ReportKind::Accepted => format!("accepted @{event}"),
                ReportKind::Rejected(reason) => format!("rejected {} @{event}", reason.code()),
                ReportKind::Filled(fill) => {
                    let price = quarters(fill.price);
                    format!("filled {:?} {} at {price} @{event}", fill.side, fill.quantity.0)
                }
                ReportKind::Modified { quantity, price } => {
                    format!("modified {} {} @{event}", quantity.0, price.0)
                }
                ReportKind::ModifyRejected(reason) => format!("unmodified {}", reason.code()),
                ReportKind::Canceled { leaves, reason } => {
                    format!("canceled {} {reason:?} @{event}", leaves.0)
                }
                ReportKind::CancelRejected(reason) => format!("uncanceled {}", reason.code()),
                ReportKind::Triggered { price } => format!("triggered {} @{event}", price.0),
                ReportKind::Restated { quantity, price } => {
                    format!("restated {} {} @{event}", quantity.0, price.0)
                }
            };
            format!("{head} order {of}.{number} {what}{status}")
        }
        Row::Timer { id, .. } => format!("{head} timer {id}"),
        Row::Start { .. } => format!("{head} start {}", touch(&side.view[0].bbo)),
        Row::Stop { .. } => format!("{head} stop {}", touch(&side.view[0].bbo)),
    }
}

/// Lines that have a word.
pub fn having<'a>(lines: &'a [String], word: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line.contains(word)).map(String::as_str).collect()
}
