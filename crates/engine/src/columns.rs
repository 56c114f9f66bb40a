//! Event and command columns: the memory that Rust and TypeScript share, one layout for both.
//!
//! Everything is a struct of arrays of fixed width inside one block that JavaScript owns. The
//! TypeScript offsets (`src/native/layout.ts`) are generated from the structs below, and both
//! sides compare [`LAYOUT_VERSION`] and the sizes when a run is created.

use std::fmt::Write as _;

/// Changes whenever a struct of this file does.
pub const LAYOUT_VERSION: u32 = 2;

/// Most rows of a step: above 64 the crossing no longer shows, and a step that a command ends
/// early wastes less.
pub const ROWS: usize = 128;

/// Most commands between two steps.
pub const COMMANDS: usize = 4096;

/// What a step ended with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum StepStatus {
    /// Rows are there, or the work budget was used up without one.
    Running = 0,
    /// The run is over; no rows are there.
    Finished = 1,
    /// The run failed; the error is asked for.
    Failed = 2,
}

/// The rows of a step, written by Rust.
#[repr(C)]
pub struct EventColumns {
    /// Exchange or due time of each row as the strategy sees it, ns since 1970.
    pub ts_nanos: [u64; ROWS],
    /// Exchange time of what the row tells, ns since 1970.
    pub ts_event: [u64; ROWS],
    /// The strategy's time in ms since 1970 with fraction.
    pub time_ms: [f64; ROWS],
    /// Best bid, NaN where there is none.
    pub bid: [f64; ROWS],
    /// Best ask, NaN where there is none.
    pub ask: [f64; ROWS],
    /// Quantity at the best bid.
    pub bid_size: [f64; ROWS],
    /// Quantity at the best ask.
    pub ask_size: [f64; ROWS],
    /// Trade: price. Bar: open. Report: price.
    pub p0: [f64; ROWS],
    /// Trade: quantity. Bar: high. Report: quantity.
    pub p1: [f64; ROWS],
    /// Bar: low. Report: leaves quantity.
    pub p2: [f64; ROWS],
    /// Bar: close. Report: fee.
    pub p3: [f64; ROWS],
    /// Bar: volume. Report: position after it.
    pub p4: [f64; ROWS],
    /// Bar: open time in ms. Report: cash after it.
    pub p5: [f64; ROWS],
    /// Bar: close time in ms. Report: average entry price after it.
    pub p6: [f64; ROWS],
    /// Report: order number.
    pub p7: [f64; ROWS],
    /// Row kind.
    pub kind: [u32; ROWS],
    /// Strategy.
    pub strategy: [u32; ROWS],
    /// Instrument.
    pub instrument: [u32; ROWS],
    /// Row flags.
    pub flags: [u32; ROWS],
    /// Bar: timeframe index. Timer: id. Report: kind in the low byte, reason above.
    pub extra: [u32; ROWS],
    /// Orders at the best bid.
    pub bid_count: [u32; ROWS],
    /// Orders at the best ask.
    pub ask_count: [u32; ROWS],
    /// Order status after the report.
    pub order_status: [u32; ROWS],
    /// Rows of this step.
    pub rows: u32,
    /// A [`StepStatus`].
    pub status: u32,
    /// [`LAYOUT_VERSION`].
    pub version: u32,
    /// Progress in 1/65536 of the input.
    pub progress: u32,
}

/// The commands of the handlers of a step, written by TypeScript.
#[repr(C)]
pub struct CommandColumns {
    /// Order number or timer id.
    pub number: [f64; COMMANDS],
    /// Limit in ticks; a risk target's stop price.
    pub price: [f64; COMMANDS],
    /// Quantity in lots, money, or part of the equity.
    pub amount: [f64; COMMANDS],
    /// Trigger price; NaN for none, and for a trailing stop that begins at its offset.
    pub trigger: [f64; COMMANDS],
    /// Offset of a trailing stop: price, or basis points.
    pub trail: [f64; COMMANDS],
    /// Of a trailing stop-limit: ticks from the stop to the limit.
    pub limit_offset: [f64; COMMANDS],
    /// Of an iceberg: lots that are shown.
    pub display: [f64; COMMANDS],
    /// Number of the parent, or 0.
    pub parent: [f64; COMMANDS],
    /// Number of the first order of the group of peers, or 0.
    pub group: [f64; COMMANDS],
    /// Timer: first time, ns since 1970. Order: end of a good-till-date one.
    pub at: [u64; COMMANDS],
    /// Timer: period in ns.
    pub every: [u64; COMMANDS],
    /// A [`CommandKind`].
    pub kind: [u32; COMMANDS],
    /// The strategy that gives it.
    pub strategy: [u32; COMMANDS],
    /// The instrument; `u32::MAX` for all.
    pub instrument: [u32; COMMANDS],
    /// Bits of [`command_flags`].
    pub flags: [u32; COMMANDS],
    /// Bits of [`order_terms`].
    pub terms: [u32; COMMANDS],
    /// Number of commands.
    pub count: u32,
    /// Rows of the step whose handlers have run.
    pub consumed: u32,
    /// [`LAYOUT_VERSION`].
    pub version: u32,
    /// Not 0: the user asked for the end.
    pub abort: u32,
}

/// The numbers of [`CommandColumns::kind`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum CommandKind {
    /// A new order.
    Submit = 1,
    /// Another quantity or limit (NaN: as it is).
    Modify = 2,
    /// An end of an order.
    Cancel = 3,
    /// An end of all orders.
    CancelAll = 4,
    /// A timer.
    SetTimer = 5,
    /// No more of a timer.
    CancelTimer = 6,
    /// A subscription.
    Subscribe = 7,
    /// An end of a subscription.
    Unsubscribe = 8,
    /// End of the run.
    Stop = 9,
}

/// Bits of [`CommandColumns::flags`].
pub mod command_flags {
    /// Sells.
    pub const SELL: u32 = 1;
    /// Has a limit.
    pub const LIMIT: u32 = 2;
    /// Immediate or cancel.
    pub const IOC: u32 = 4;
    /// Fill or kill.
    pub const FOK: u32 = 8;
    /// Post-only.
    pub const POST_ONLY: u32 = 16;
    /// Sized at the fill.
    pub const SIZE_AT_FILL: u32 = 32;
    /// The amount is money.
    pub const CASH: u32 = 64;
    /// The amount is a part of the equity.
    pub const FRACTION: u32 = 128;
    /// The amount is a target.
    pub const TARGET: u32 = 256;
    /// The amount is a part of the equity at risk down to the stop in `price`.
    pub const RISK: u32 = 512;
    /// A subscription to quotes rather than trades.
    pub const QUOTES: u32 = 1024;
    /// The order has terms: the columns from `trigger` to `group`, `at` and `terms` say them.
    pub const TERMS: u32 = 2048;
    /// Market to limit.
    pub const MARKET_TO_LIMIT: u32 = 4096;
    /// As much as the order's parent fills.
    pub const PARENT: u32 = 8192;
    /// Good till a time.
    pub const GTD: u32 = 1 << 14;
    /// Good till the session's close.
    pub const DAY: u32 = 1 << 15;
    /// At the session's opening.
    pub const AT_OPEN: u32 = 1 << 16;
    /// At the session's close.
    pub const AT_CLOSE: u32 = 1 << 17;
}

/// Bits of [`CommandColumns::terms`].
pub mod order_terms {
    /// Only reduces the position.
    pub const REDUCE_ONLY: u32 = 1;
    /// Has a trigger: a stop.
    pub const STOP: u32 = 2;
    /// Has a trigger: if touched.
    pub const IF_TOUCHED: u32 = 4;
    /// The trigger trails by a price.
    pub const TRAIL_PRICE: u32 = 8;
    /// The trigger trails by basis points.
    pub const TRAIL_BPS: u32 = 16;
    /// A trailing stop has a limit.
    pub const TRAIL_LIMIT: u32 = 32;
    /// Peers update each other rather than cancel each other.
    pub const OUO: u32 = 64;
    /// Where the trigger's source begins: a [`model::TriggerSource`] in three bits.
    pub const SOURCE_SHIFT: u32 = 8;
    /// Where the number of children begins, in eight bits.
    pub const CHILDREN_SHIFT: u32 = 16;
    /// Where the number of peers begins, in eight bits.
    pub const PEERS_SHIFT: u32 = 24;
}

/// What a strategy sees of one instrument: written by Rust when it changes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ViewTable {
    /// Best bid, NaN where there is none.
    pub bid: f64,
    /// Best ask, NaN where there is none.
    pub ask: f64,
    /// Quantity at the best bid.
    pub bid_size: f64,
    /// Quantity at the best ask.
    pub ask_size: f64,
    /// Levels of the declared depth that are there, bids.
    pub bid_levels: f64,
    /// Levels of the declared depth that are there, asks.
    pub ask_levels: f64,
    /// Depth prices, best first: ten bids, ten asks.
    pub price: [f64; 20],
    /// Depth quantities.
    pub quantity: [f64; 20],
    /// Depth order counts.
    pub count: [f64; 20],
}

/// The TypeScript source with every offset, in bytes.
#[must_use]
pub fn layout_source() -> String {
    use std::mem::{offset_of, size_of};
    let mut out = String::from(
        "// Generated from crates/engine/src/columns.rs by `npm run layout`; do not edit.\n\n",
    );
    let mut constant = |name: &str, value: usize| {
        let _ = writeln!(out, "export const {name} = {value};");
    };
    constant("LAYOUT_VERSION", LAYOUT_VERSION as usize);
    constant("ROWS", ROWS);
    constant("COMMANDS", COMMANDS);
    constant("EVENT_COLUMNS_SIZE", size_of::<EventColumns>());
    constant("COMMAND_COLUMNS_SIZE", size_of::<CommandColumns>());
    constant("VIEW_TABLE_SIZE", size_of::<ViewTable>());
    let mut group = |name: &str, fields: &[(&str, usize)]| {
        let _ =
            write!(out, "\n/** Byte offsets of the {name} columns. */\nexport const {name} = {{\n");
        for (field, offset) in fields {
            let _ = writeln!(out, "  {field}: {offset},");
        }
        out.push_str("} as const;\n");
    };
    macro_rules! offsets {
        ($ty:ty: $($rust:ident => $ts:literal),+ $(,)?) => {
            &[$(($ts, offset_of!($ty, $rust))),+]
        };
    }
    group(
        "EVENT",
        offsets!(EventColumns: ts_nanos => "tsNanos", ts_event => "tsEvent", time_ms => "timeMs",
            bid => "bid", ask => "ask", bid_size => "bidSize", ask_size => "askSize", p0 => "p0",
            p1 => "p1", p2 => "p2", p3 => "p3", p4 => "p4", p5 => "p5", p6 => "p6", p7 => "p7",
            kind => "kind", strategy => "strategy", instrument => "instrument", flags => "flags",
            extra => "extra", bid_count => "bidCount", ask_count => "askCount",
            order_status => "orderStatus", rows => "rows", status => "status",
            version => "version", progress => "progress"),
    );
    group(
        "COMMAND",
        offsets!(CommandColumns: number => "number", price => "price", amount => "amount",
            trigger => "trigger", trail => "trail", limit_offset => "limitOffset",
            display => "display", parent => "parent", group => "group", terms => "terms",
            at => "at", every => "every", kind => "kind", strategy => "strategy",
            instrument => "instrument", flags => "flags", count => "count",
            consumed => "consumed", version => "version", abort => "abort"),
    );
    group(
        "VIEW",
        offsets!(ViewTable: bid => "bid", ask => "ask", bid_size => "bidSize",
            ask_size => "askSize", bid_levels => "bidLevels", ask_levels => "askLevels",
            price => "price", quantity => "quantity", count => "count"),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The TypeScript side must have the offsets of this very struct. `TICKFORGE_UPDATE=1` writes
    /// the file anew.
    #[test]
    fn the_typescript_layout_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/native/layout.ts");
        let expected = layout_source();
        if std::env::var_os("TICKFORGE_UPDATE").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(found == expected, "src/native/layout.ts is stale: run `npm run layout`");
    }

    #[test]
    fn every_column_is_aligned() {
        assert_eq!(size_of::<EventColumns>() % 8, 0);
        assert_eq!(size_of::<CommandColumns>() % 8, 0);
        assert_eq!(size_of::<ViewTable>() % 8, 0);
    }
}
