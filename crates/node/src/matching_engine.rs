//! The matching engine for TypeScript: commands in columns, events back in columns.

use crate::failure::{body, guarded};
use model::{Lots, Side, Ticks};
use napi::bindgen_prelude::{BigUint64Array, Float64Array, Uint8Array, Uint32Array};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use venue::matching::{
    Allocation, CancelCause, LeadMarketMaker, MarketPhase, MatchEvent, MatchingEngine,
    MatchingSettings, NewOrder, Participant, SelfTradePrevention, Validity,
};

/// Numbers of an event: kind, price in ticks, lots, what is left of the first and of the second
/// order, a reason or flag, and the command that it answers.
const WIDTH: usize = 7;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    allocation: String,
    top: bool,
    least: u32,
    makers: Vec<(u32, u8)>,
    self_trade: String,
    orders_during_halt: bool,
}

fn settings(text: &str) -> Result<MatchingSettings, Value> {
    let wrong = |message: String| body("ERR_INTERNAL", &message);
    let given: Settings = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let allocation = match given.allocation.as_str() {
        "priceTime" => Allocation::PriceTime,
        "proRata" => Allocation::ProRata { top: given.top, least: given.least },
        "leadMarketMakers" => {
            let maker = |&(who, percent): &(u32, u8)| LeadMarketMaker {
                participant: Participant(who),
                percent,
            };
            let makers = given.makers.iter().map(maker).collect();
            Allocation::LeadMarketMakers { top: given.top, makers }
        }
        other => return Err(wrong(format!("there is no allocation '{other}'"))),
    };
    let prevention = match given.self_trade.as_str() {
        "none" => SelfTradePrevention::None,
        "cancelNewest" => SelfTradePrevention::CancelNewest,
        "cancelOldest" => SelfTradePrevention::CancelOldest,
        "cancelBoth" => SelfTradePrevention::CancelBoth,
        "decrementAndCancel" => SelfTradePrevention::DecrementAndCancel,
        other => return Err(wrong(format!("there is no self-trade prevention '{other}'"))),
    };
    let settings = MatchingSettings::new()
        .with_self_trade_prevention(prevention)
        .with_orders_during_halt(given.orders_during_halt)
        .with_allocation(allocation)
        .map_err(|error| body(error.code(), &error.to_string()))?;
    Ok(settings)
}

/// Events in columns.
#[napi(object)]
pub struct NativeMatchEvents {
    /// The order, and of a trade the other one: two ids an event.
    pub ids: BigUint64Array,
    /// [`WIDTH`] numbers an event.
    pub numbers: Float64Array,
}

fn columns(events: &[(u32, MatchEvent)]) -> NativeMatchEvents {
    let mut ids = Vec::with_capacity(events.len() * 2);
    let mut numbers = Vec::with_capacity(events.len() * WIDTH);
    for &(command, event) in events {
        let (pair, [kind, price, quantity, first, second, reason]) = match event {
            MatchEvent::Accepted { id } => ([id, 0], [0, 0, 0, 0, 0, 0]),
            MatchEvent::Rejected { id, why } => ([id, 0], [1, 0, 0, 0, 0, why as i64]),
            MatchEvent::Traded { maker, taker, price, quantity, maker_leaves, taker_leaves } => {
                let leaves = (maker_leaves.0, taker_leaves.0);
                ([maker, taker], [2, price.0, quantity.0, leaves.0, leaves.1, 0])
            }
            MatchEvent::Modified { id, leaves, price, kept_priority } => {
                ([id, 0], [3, price.0, 0, leaves.0, 0, i64::from(kept_priority)])
            }
            MatchEvent::Canceled { id, quantity, leaves, cause } => {
                ([id, 0], [4, 0, quantity.0, leaves.0, 0, cause_number(cause)])
            }
            MatchEvent::Uncrossed { price, quantity } => {
                ([0, 0], [5, price.0, quantity.0, 0, 0, 0])
            }
        };
        ids.extend(pair);
        numbers.extend([kind, price, quantity, first, second, reason].map(|number| number as f64));
        numbers.push(f64::from(command));
    }
    NativeMatchEvents { ids: ids.into(), numbers: numbers.into() }
}

const fn cause_number(cause: CancelCause) -> i64 {
    cause as i64
}

/// A matching engine.
#[napi]
pub struct NativeMatchingEngine {
    engine: MatchingEngine,
    events: Vec<MatchEvent>,
}

fn side_of(side: u8) -> Side {
    if side == 1 { Side::Sell } else { Side::Buy }
}

fn validity_of(number: u8) -> Validity {
    match number {
        1 => Validity::Ioc,
        2 => Validity::Fok,
        3 => Validity::Day,
        4 => Validity::Auction,
        _ => Validity::Gtc,
    }
}

fn phase_of(number: u8) -> MarketPhase {
    match number {
        1 => MarketPhase::Auction,
        2 => MarketPhase::Halted,
        3 => MarketPhase::Closed,
        _ => MarketPhase::Continuous,
    }
}

#[napi]
impl NativeMatchingEngine {
    /// An empty engine; the settings are JSON.
    #[napi(constructor)]
    pub fn new(settings_json: String) -> napi::Result<Self> {
        guarded(|| {
            let engine = MatchingEngine::new(settings(&settings_json)?);
            Ok(Self { engine, events: Vec::new() })
        })
    }

    /// Commands as columns of one length, checked by the caller: kind (1 new, 2 cancel, 3 modify),
    /// id, participant, side, price in ticks (NaN: any), lots, lots that are shown, validity in the
    /// low four bits and post-only in the fifth.
    #[napi]
    #[allow(clippy::too_many_arguments, reason = "columns cross one by one")]
    pub fn apply(
        &mut self,
        kind: Uint8Array,
        id: BigUint64Array,
        participant: Uint32Array,
        side: Uint8Array,
        price: Float64Array,
        quantity: Float64Array,
        display: Float64Array,
        terms: Uint8Array,
    ) -> napi::Result<NativeMatchEvents> {
        guarded(|| {
            let count = kind.len();
            let lengths = [
                id.len(),
                participant.len(),
                side.len(),
                price.len(),
                quantity.len(),
                display.len(),
                terms.len(),
            ];
            if lengths.iter().any(|&length| length != count) {
                return Err(body("ERR_INTERNAL", "columns of different lengths"));
            }
            let mut answered = Vec::with_capacity(count * 2);
            for at in 0..count {
                let who = Participant(participant[at]);
                let lots = Lots(quantity[at] as i64);
                match kind[at] {
                    1 => {
                        let limit = price[at];
                        let order = NewOrder {
                            id: id[at],
                            participant: who,
                            side: side_of(side[at]),
                            limit: (!limit.is_nan()).then_some(Ticks(limit as i64)),
                            quantity: lots,
                            validity: validity_of(terms[at] & 15),
                            post_only: terms[at] & 16 != 0,
                            display: Lots(display[at] as i64),
                        };
                        self.engine.submit(&order, &mut self.events);
                    }
                    2 => self.engine.cancel(who, id[at], &mut self.events),
                    _ => {
                        let price = Ticks(price[at] as i64);
                        self.engine.modify(who, id[at], lots, price, &mut self.events);
                    }
                }
                answered.extend(self.events.drain(..).map(|event| (at as u32, event)));
            }
            Ok(columns(&answered))
        })
    }

    fn answer(&mut self) -> NativeMatchEvents {
        let events: Vec<(u32, MatchEvent)> = self.events.drain(..).map(|e| (0, e)).collect();
        columns(&events)
    }

    /// Cancels everything of a participant.
    #[napi]
    pub fn mass_cancel(&mut self, participant: u32) -> napi::Result<NativeMatchEvents> {
        guarded(|| {
            self.engine.mass_cancel(Participant(participant), &mut self.events);
            Ok(self.answer())
        })
    }

    /// Moves to another phase: 0 continuous, 1 auction, 2 halted, 3 closed.
    #[napi]
    pub fn set_phase(&mut self, phase: u8) -> napi::Result<NativeMatchEvents> {
        guarded(|| {
            self.engine.set_phase(phase_of(phase), &mut self.events);
            Ok(self.answer())
        })
    }

    /// The phase's number.
    #[napi]
    pub fn phase(&self) -> u8 {
        self.engine.phase() as u8
    }

    /// Uncrosses; the reference price in ticks, NaN for the last trade.
    #[napi]
    pub fn uncross(&mut self, reference: f64) -> napi::Result<NativeMatchEvents> {
        guarded(|| {
            let reference = (!reference.is_nan()).then_some(Ticks(reference as i64));
            self.engine.uncross(reference, &mut self.events);
            Ok(self.answer())
        })
    }

    /// Price in ticks, lots and surplus of the auction as it stands; empty where nothing crosses.
    #[napi]
    pub fn indication(&self, reference: f64) -> napi::Result<Float64Array> {
        guarded(|| {
            let reference = (!reference.is_nan()).then_some(Ticks(reference as i64));
            let found = self.engine.indication(reference);
            let numbers = |found: venue::matching::Indication| {
                vec![found.price.0 as f64, found.quantity.0 as f64, found.surplus as f64]
            };
            Ok(found.map(numbers).unwrap_or_default().into())
        })
    }

    /// The best `levels` levels of a side: price in ticks, lots, orders of each.
    #[napi]
    pub fn depth(&self, side: u8, levels: u32) -> napi::Result<Float64Array> {
        guarded(|| {
            let levels = self.engine.levels(side_of(side)).take(levels as usize);
            let numbers = levels.flat_map(|level| {
                [level.price.0 as f64, level.quantity.0 as f64, f64::from(level.count)]
            });
            Ok(numbers.collect::<Vec<f64>>().into())
        })
    }

    /// The orders of a side by priority, as JSON: id, participant, price in ticks, lots shown.
    #[napi]
    pub fn orders(&self, side: u8) -> napi::Result<String> {
        guarded(|| {
            let orders: Vec<Value> = self
                .engine
                .orders(side_of(side))
                .map(|(order, who)| {
                    json!([order.id.to_string(), who.0, order.price.0, order.quantity.0])
                })
                .collect();
            Ok(Value::Array(orders).to_string())
        })
    }

    /// Lots that are left of an order, what is hidden included; −1 where there is none.
    #[napi]
    pub fn leaves(&self, id: napi::bindgen_prelude::BigInt) -> napi::Result<f64> {
        guarded(|| {
            let (_, id, lossless) = id.get_u64();
            let found = if lossless { self.engine.leaves(id) } else { None };
            Ok(found.map_or(-1.0, |lots| lots.0 as f64))
        })
    }

    /// Price of the last trade in ticks; NaN before the first.
    #[napi]
    pub fn last_price(&self) -> f64 {
        self.engine.last_price().map_or(f64::NAN, |price| price.0 as f64)
    }
}
