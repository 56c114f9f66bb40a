//! The order books for TypeScript: operations through shared columns, queries by method.

mod books;

use crate::failure::{body, guarded, panic_body};
use crate::shared_memory::{SharedMemory, bare_function};
use books::{Books, Operation, Refusal, Steps, side_of};
use model::{Price, PriceGrid, Side, Ticks};
use napi::bindgen_prelude::{Env, Float64Array, JsValue, Uint8Array, Unknown};
use napi::sys;
use napi_derive::napi;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::ffi::c_void;
use std::mem::offset_of;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

/// Most operations of one call.
const OPERATIONS: usize = 1024;

/// Operations in, best prices out; one struct of arrays in memory that JavaScript owns.
#[repr(C)]
struct Operations {
    /// Of an order; for levels and quotes the number of orders.
    id: [u64; OPERATIONS],
    /// Price as a person writes it.
    price: [f64; OPERATIONS],
    /// Quantity as a person writes it.
    quantity: [f64; OPERATIONS],
    kind: [u8; OPERATIONS],
    /// 0 buy, 1 sell.
    side: [u8; OPERATIONS],
    /// Best bid, ask (ticks), their sizes (lots) and counts after the last operation.
    best: [f64; 6],
    /// What is left of the order of the last cancel, in lots.
    left: f64,
    count: u32,
    /// Operations that were applied.
    applied: u32,
}

struct State {
    book: Books,
    grid: PriceGrid,
    lot: Price,
    memory: Option<SharedMemory>,
    failure: Option<Value>,
    /// Whether a panic left the book in a state that is not to be trusted.
    poisoned: bool,
}

/// A book: of orders (`l3`), of levels (`l2`) or of best prices (`l1`).
#[napi]
pub struct NativeOrderBook {
    state: Rc<RefCell<State>>,
}

/// Bytes of the memory that `attach` needs, and the offsets of its columns, as JSON.
#[napi]
pub fn order_book_layout() -> String {
    json!({
        "bytes": size_of::<Operations>(),
        "operations": OPERATIONS,
        "id": offset_of!(Operations, id),
        "price": offset_of!(Operations, price),
        "quantity": offset_of!(Operations, quantity),
        "kind": offset_of!(Operations, kind),
        "side": offset_of!(Operations, side),
        "best": offset_of!(Operations, best),
        "left": offset_of!(Operations, left),
        "count": offset_of!(Operations, count),
    })
    .to_string()
}

#[napi]
impl NativeOrderBook {
    /// An empty book; tick and lot size are decimal texts.
    #[napi(constructor)]
    pub fn new(kind: String, tick_size: String, lot_size: String) -> napi::Result<Self> {
        guarded(|| {
            let refused = |error: model::ModelError| body(error.code(), &error.to_string());
            let grid = Price::parse(&tick_size).and_then(PriceGrid::new).map_err(refused)?;
            // A lot size is checked as a tick size is: it has to be above zero.
            let lots = Price::parse(&lot_size).and_then(PriceGrid::new).map_err(refused)?;
            let book = Books::new(&kind, grid)
                .ok_or_else(|| body("ERR_INTERNAL", &format!("there is no book '{kind}'")))?;
            let lot = lots.tick_size();
            let state = State { book, grid, lot, memory: None, failure: None, poisoned: false };
            Ok(Self { state: Rc::new(RefCell::new(state)) })
        })
    }

    /// Takes the memory of the operations and gives the function that applies them: it returns
    /// how many were applied.
    #[napi(ts_return_type = "() => number")]
    pub fn attach<'env>(
        &self,
        env: &'env Env,
        operations: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let memory = SharedMemory::new(env.raw(), operations.raw())?;
        {
            let mut state = self.state.borrow_mut();
            // SAFETY: the struct is plain numbers; the borrow ends with the block.
            let operations = unsafe { memory.as_one::<Operations>()? };
            operations.count = 0;
            write_best(&state.book, operations);
            state.memory = Some(memory);
        }
        let data = Rc::into_raw(Rc::clone(&self.state)).cast_mut().cast::<c_void>();
        // SAFETY: data is an owned Rc of exactly the type that both callbacks expect.
        unsafe {
            let function = bare_function(env.raw(), "apply", Some(apply), data, Some(release))?;
            Ok(Unknown::from_raw_unchecked(env.raw(), function))
        }
    }

    /// Why the last operations stopped, as JSON, or `null`.
    #[napi]
    pub fn error(&self) -> Option<String> {
        let mut state = self.state.borrow_mut();
        if state.poisoned {
            return state.failure.as_ref().map(Value::to_string);
        }
        state.failure.take().map(|failure| failure.to_string())
    }

    /// The best `levels` levels: how many bids, then price in ticks, lots and orders of each bid
    /// and of each ask.
    #[napi]
    pub fn depth(&self, levels: u32) -> napi::Result<Float64Array> {
        self.read(|state| {
            let [bids, asks] =
                [Side::Buy, Side::Sell].map(|side| state.book.levels(side, levels as usize));
            let mut out = Vec::with_capacity(1 + 3 * (bids.len() + asks.len()));
            out.push(bids.len() as f64);
            for level in bids.iter().chain(&asks) {
                out.extend([level.price.0 as f64, level.quantity.0 as f64, f64::from(level.count)]);
            }
            Ok(out.into())
        })
    }

    /// Lots and orders at a price.
    #[napi]
    pub fn level(&self, side: u8, price: f64) -> napi::Result<Float64Array> {
        self.read(|state| {
            let (side, price) = place(state, side, price)?;
            let level = state.book.level(side, price);
            Ok(vec![level.quantity.0 as f64, f64::from(level.count)].into())
        })
    }

    /// The orders at a price in queue order, as JSON: id, lots.
    #[napi]
    pub fn orders_at(&self, side: u8, price: f64) -> napi::Result<String> {
        self.read(|state| {
            let (side, price) = place(state, side, price)?;
            let Books::L3(book) = &state.book else { return Ok("[]".to_owned()) };
            let orders: Vec<Value> = book
                .orders_at(side, price)
                .map(|order| json!([order.id.to_string(), order.quantity.0]))
                .collect();
            Ok(Value::Array(orders).to_string())
        })
    }

    /// An order and what is ahead of it in its queue, as JSON, or `null` for an unknown one.
    #[napi]
    pub fn queue_position(&self, id: String) -> napi::Result<Option<String>> {
        self.read(|state| {
            let Books::L3(book) = &state.book else { return Ok(None) };
            let found = id.parse().ok().and_then(|id| book.order(id));
            let position = found.map(|order| {
                let ahead = book.queue_ahead(order.side, order.price, order.sequence);
                json!({
                    "side": order.side as u8,
                    "price": order.price.0,
                    "quantity": order.quantity.0,
                    "quantityAhead": ahead.quantity.0,
                    "ordersAhead": ahead.orders,
                })
            });
            Ok(position.map(|position| position.to_string()))
        })
    }

    /// Number of levels of a side.
    #[napi]
    pub fn level_count(&self, side: u8) -> napi::Result<u32> {
        self.read(|state| {
            let side = side_of(side).map_err(|refusal| refusal.to_json(None))?;
            Ok(u32::try_from(state.book.level_count(side)).unwrap_or(u32::MAX))
        })
    }

    /// The whole book as bytes.
    #[napi]
    pub fn snapshot(&self) -> napi::Result<Uint8Array> {
        self.read(|state| Ok(state.book.snapshot().into()))
    }

    /// Puts a snapshot in place of the book.
    #[napi]
    pub fn restore(&self, bytes: &[u8]) -> napi::Result<()> {
        self.change(|state| state.book.restore(bytes).map_err(|refusal| refusal.to_json(None)))
    }

    /// Takes everything out.
    #[napi]
    pub fn clear(&self) -> napi::Result<()> {
        self.change(|state| {
            state.book.clear();
            Ok(())
        })
    }

    fn read<T>(&self, work: impl FnOnce(&State) -> Result<T, Value>) -> napi::Result<T> {
        let state = self.state.borrow();
        guarded(|| if state.poisoned { Err(poison(&state)) } else { work(&state) })
    }

    /// Changes the book and shows its best prices.
    fn change(&self, work: impl FnOnce(&mut State) -> Result<(), Value>) -> napi::Result<()> {
        let mut state = self.state.borrow_mut();
        guarded(|| {
            if state.poisoned {
                return Err(poison(&state));
            }
            work(&mut state)?;
            if let Some(memory) = &state.memory {
                // SAFETY: checked when it was attached; no other borrow of it is live.
                write_best(&state.book, unsafe { &mut *memory.address::<Operations>() });
            }
            Ok(())
        })
    }
}

fn poison(state: &State) -> Value {
    state.failure.clone().unwrap_or_else(|| body("ERR_INTERNAL", "the book failed before"))
}

fn place(state: &State, side: u8, price: f64) -> Result<(Side, Ticks), Value> {
    let steps = Steps::new(state.grid.tick_size(), state.lot);
    let both = side_of(side).and_then(|side| Ok((side, steps.ticks(price)?)));
    both.map_err(|refusal: Refusal| refusal.to_json(None))
}

fn write_best(book: &Books, operations: &mut Operations) {
    let bbo = book.bbo();
    let number = |ticks: Ticks| if ticks.is_some() { ticks.0 as f64 } else { f64::NAN };
    operations.best = [
        number(bbo.bid),
        number(bbo.ask),
        bbo.bid_size.0 as f64,
        bbo.ask_size.0 as f64,
        f64::from(bbo.bid_count),
        f64::from(bbo.ask_count),
    ];
}

fn apply_all(state: &mut State) -> u32 {
    let State { book, grid, lot, memory, failure, poisoned } = state;
    let Some(memory) = memory else { return 0 };
    if *poisoned {
        return 0;
    }
    // SAFETY: size and alignment were checked when the memory was attached; the reference keeps
    // it alive and no JavaScript runs during the call.
    let operations = unsafe { &mut *memory.address::<Operations>() };
    let steps = Steps::new(grid.tick_size(), *lot);
    let count = (operations.count as usize).min(OPERATIONS);
    let row = |operations: &Operations, at: usize| Operation {
        kind: operations.kind[at],
        side: operations.side[at],
        id: operations.id[at],
        price: operations.price[at],
        quantity: operations.quantity[at],
    };
    let mut applied = 0;
    for at in 0..count {
        let ask = row(operations, (at + 1).min(OPERATIONS - 1));
        match book.apply(steps, row(operations, at), ask) {
            Ok(left) => operations.left = left.0 as f64,
            Err(refusal) => {
                *failure = Some(refusal.to_json(Some(at)));
                break;
            }
        }
        applied += 1;
    }
    write_best(book, operations);
    operations.count = 0;
    operations.applied = applied;
    applied
}

unsafe extern "C" fn apply(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    let mut data = ptr::null_mut();
    // SAFETY: Node calls with a live env and info; unwanted outputs may be null.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &mut data,
        );
    }
    // SAFETY: data is the Rc that `attach` made; the finalizer frees it after the last call.
    let state = unsafe { &*data.cast_const().cast::<RefCell<State>>() };
    let applied = catch_unwind(AssertUnwindSafe(|| {
        state.try_borrow_mut().map_or(0, |mut state| apply_all(&mut state))
    }));
    let applied = applied.unwrap_or_else(|panic| {
        if let Ok(mut state) = state.try_borrow_mut() {
            state.failure = Some(panic_body(panic.as_ref()));
            state.poisoned = true;
        }
        0
    });
    let mut result = ptr::null_mut();
    // SAFETY: env is live and the out-pointer valid.
    unsafe { sys::napi_create_uint32(env, applied, &mut result) };
    result
}

unsafe extern "C" fn release(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: data came from `Rc::into_raw` of this type, and finalizers are called once.
    drop(unsafe { Rc::from_raw(data.cast_const().cast::<RefCell<State>>()) });
}
