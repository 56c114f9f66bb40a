//! The rarer terms of an order from their columns, checked.

use crate::columns::{CommandColumns, command_flags, order_terms};
use crate::command::OrderTerms;
use crate::error::EngineError;
use model::{
    Condition, Links, Lots, OrderId, PeerKind, Price, StrategyIndex, Ticks, TimeInForce, Trail,
    TrailOffset, Trigger, TriggerKind, TriggerSource, UnixNanos,
};

/// The time in force that a command's flags say.
pub(crate) const fn read_time_in_force(flags: u32) -> TimeInForce {
    if flags & command_flags::IOC != 0 {
        TimeInForce::Ioc
    } else if flags & command_flags::FOK != 0 {
        TimeInForce::Fok
    } else if flags & command_flags::GTD != 0 {
        TimeInForce::Gtd
    } else if flags & command_flags::DAY != 0 {
        TimeInForce::Day
    } else if flags & command_flags::AT_OPEN != 0 {
        TimeInForce::AtOpen
    } else if flags & command_flags::AT_CLOSE != 0 {
        TimeInForce::AtClose
    } else {
        TimeInForce::Gtc
    }
}

/// The terms of the command at `at`, where it has any. `bad` makes the error for a field.
pub(crate) fn read_terms(
    columns: &CommandColumns,
    at: usize,
    bad: &dyn Fn(&'static str, f64, &str) -> EngineError,
) -> Result<Option<Box<OrderTerms>>, EngineError> {
    if columns.flags[at] & command_flags::TERMS == 0 {
        return Ok(None);
    }
    let terms = columns.terms[at];
    let has = |bit: u32| terms & bit != 0;
    let whole = |field: &'static str, value: f64| {
        if value.fract() == 0.0 && (0.0..9.0e15).contains(&value) {
            Ok(value as i64)
        } else {
            Err(bad(field, value, "a whole number from 0 to 2^53"))
        }
    };
    let price = |field: &'static str, value: f64| {
        Price::from_f64(value).map_err(|_| bad(field, value, "a price"))
    };
    let strategy = StrategyIndex(columns.strategy[at] as u16);
    let order = |field: &'static str, value: f64| {
        let number = whole(field, value)?;
        Ok::<_, EngineError>((number != 0).then(|| OrderId::new(strategy, number as u64)))
    };
    let trigger = if has(order_terms::STOP) || has(order_terms::IF_TOUCHED) {
        let offset = columns.trail[at];
        let offset = if has(order_terms::TRAIL_PRICE) {
            Some(TrailOffset::Price(price("trail", offset)?))
        } else if has(order_terms::TRAIL_BPS) {
            if !(offset > 0.0 && offset <= 1e4) {
                return Err(bad("trail", offset, "basis points above 0, up to 10,000"));
            }
            Some(TrailOffset::Bps((offset * 1e9).round() as i64))
        } else {
            None
        };
        if let Some(TrailOffset::Price(distance)) = offset
            && distance <= Price::ZERO
        {
            return Err(bad("trail", columns.trail[at], "a distance above 0"));
        }
        let limit_offset = if has(order_terms::TRAIL_LIMIT) {
            Some(Ticks(whole("limit offset", columns.limit_offset[at])?))
        } else {
            None
        };
        let value = columns.trigger[at];
        let kind = if has(order_terms::STOP) { TriggerKind::Stop } else { TriggerKind::IfTouched };
        Some(Trigger {
            kind,
            source: read_source(terms),
            price: if value.is_nan() { Price::UNDEFINED } else { price("trigger", value)? },
            trail: offset.map(|offset| Trail { offset, limit_offset }),
        })
    } else {
        None
    };
    let kind = if has(order_terms::OUO) { PeerKind::Ouo } else { PeerKind::Oco };
    let expires = columns.at[at];
    let has_end = columns.flags[at] & command_flags::GTD != 0;
    Ok(Some(Box::new(OrderTerms {
        reduce_only: has(order_terms::REDUCE_ONLY),
        display: Lots(whole("display", columns.display[at])?),
        condition: Condition {
            trigger,
            expires: has_end.then_some(UnixNanos(expires)),
            links: Links {
                parent: order("parent", columns.parent[at])?,
                children: (terms >> order_terms::CHILDREN_SHIFT) as u8,
                group: order("group", columns.group[at])?.map(|first| (first, kind)),
                peers: (terms >> order_terms::PEERS_SHIFT) as u8,
            },
        },
    })))
}

const fn read_source(terms: u32) -> TriggerSource {
    match terms >> order_terms::SOURCE_SHIFT & 7 {
        1 => TriggerSource::Last,
        2 => TriggerSource::BidAsk,
        3 => TriggerSource::Mid,
        4 => TriggerSource::Mark,
        _ => TriggerSource::Default,
    }
}
