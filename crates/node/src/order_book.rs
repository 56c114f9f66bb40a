//! The order book for TypeScript: operations through shared columns, queries as JSON.

use crate::failure::{body, guarded, panic_body};
use crate::shared_memory::{SharedMemory, bare_function};
use book::BookL3;
use model::{Lots, Price, PriceGrid, Side, Ticks};
use napi::bindgen_prelude::{Env, JsValue, Unknown};
use napi::sys;
use napi_derive::napi;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

/// Most operations of one call.
const OPERATIONS: usize = 4096;

/// Operations in, best prices out; one struct of arrays in memory that JavaScript owns.
#[repr(C)]
struct Operations {
    id: [u64; OPERATIONS],
    /// Price in ticks.
    price: [f64; OPERATIONS],
    /// Quantity in lots.
    quantity: [f64; OPERATIONS],
    /// 1 add, 2 cancel (quantity NaN: all of it), 3 modify.
    kind: [u8; OPERATIONS],
    /// 0 buy, 1 sell.
    side: [u8; OPERATIONS],
    /// Best bid, ask (ticks), their sizes (lots) and counts after the last operation.
    best: [f64; 6],
    count: u32,
    /// Operations that were applied.
    applied: u32,
}

struct State {
    book: BookL3,
    grid: PriceGrid,
    memory: Option<SharedMemory>,
    failure: Option<String>,
}

/// A book of orders by price and time.
#[napi]
pub struct NativeOrderBook {
    state: Rc<RefCell<State>>,
}

/// Bytes of the memory that `attach` needs, and the offsets of its columns, as JSON.
#[napi]
pub fn order_book_layout() -> String {
    use std::mem::offset_of;
    json!({
        "bytes": size_of::<Operations>(),
        "operations": OPERATIONS,
        "id": offset_of!(Operations, id),
        "price": offset_of!(Operations, price),
        "quantity": offset_of!(Operations, quantity),
        "kind": offset_of!(Operations, kind),
        "side": offset_of!(Operations, side),
        "best": offset_of!(Operations, best),
        "count": offset_of!(Operations, count),
        "applied": offset_of!(Operations, applied),
    })
    .to_string()
}

#[napi]
impl NativeOrderBook {
    /// An empty book on a price grid (tick size as a decimal text).
    #[napi(constructor)]
    pub fn new(tick_size: String) -> napi::Result<Self> {
        guarded(|| {
            let grid = Price::parse(&tick_size)
                .and_then(PriceGrid::new)
                .map_err(|error| body(error.code(), &error.to_string()))?;
            let state = State { book: BookL3::new(grid), grid, memory: None, failure: None };
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
        // SAFETY: the struct is plain numbers; the borrow ends here.
        unsafe { memory.as_one::<Operations>()?.count = 0 };
        self.state.borrow_mut().memory = Some(memory);
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
        self.state.borrow_mut().failure.take()
    }

    /// The best `levels` levels of both sides as JSON: price in ticks, quantity, orders.
    #[napi]
    pub fn depth(&self, levels: u32) -> String {
        let state = self.state.borrow();
        let side = |side: Side| -> Vec<Value> {
            state
                .book
                .levels(side)
                .take(levels as usize)
                .map(|level| json!([level.price.0, level.quantity.0, level.count]))
                .collect()
        };
        json!({ "bids": side(Side::Buy), "asks": side(Side::Sell) }).to_string()
    }

    /// The orders at a price in queue order, as JSON: id, quantity.
    #[napi]
    pub fn orders_at(&self, side: u32, price: f64) -> String {
        let state = self.state.borrow();
        let orders: Vec<Value> = state
            .book
            .orders_at(side_of(side), Ticks(price as i64))
            .map(|order| json!([order.id.to_string(), order.quantity.0]))
            .collect();
        Value::Array(orders).to_string()
    }

    /// What is ahead of an order in its queue, as JSON, or `null` for an unknown order.
    #[napi]
    pub fn queue_position(&self, id: String) -> Option<String> {
        let state = self.state.borrow();
        let order = state.book.order(id.parse().ok()?)?;
        let ahead = state.book.queue_ahead(order.side, order.price, order.sequence);
        let found = json!({
            "side": order.side as u8,
            "price": order.price.0,
            "quantity": order.quantity.0,
            "quantityAhead": ahead.quantity.0,
            "ordersAhead": ahead.orders,
        });
        Some(found.to_string())
    }

    /// The whole book as bytes.
    #[napi]
    pub fn snapshot(&self) -> napi::bindgen_prelude::Uint8Array {
        self.state.borrow().book.snapshot().into()
    }

    /// Puts a snapshot in place of the book.
    #[napi]
    pub fn restore(&self, bytes: &[u8]) -> napi::Result<()> {
        let mut state = self.state.borrow_mut();
        guarded(|| {
            state.book = BookL3::restore(bytes).map_err(|e| body(e.code(), &e.to_string()))?;
            Ok(())
        })
    }

    /// Takes every order out.
    #[napi]
    pub fn clear(&self) {
        let mut state = self.state.borrow_mut();
        state.book = BookL3::new(state.grid);
    }
}

fn side_of(side: u32) -> Side {
    if side == 0 { Side::Buy } else { Side::Sell }
}

fn apply_all(state: &mut State) -> u32 {
    let Some(memory) = &state.memory else { return 0 };
    // SAFETY: size and alignment were checked when the memory was attached; the reference keeps
    // it alive and no JavaScript runs during the call.
    let operations = unsafe { &mut *memory.address::<Operations>() };
    let count = (operations.count as usize).min(OPERATIONS);
    let mut applied = 0;
    for at in 0..count {
        let id = operations.id[at];
        let side = side_of(u32::from(operations.side[at]));
        let price = Ticks(operations.price[at] as i64);
        let quantity = operations.quantity[at];
        let lots = Lots(quantity as i64);
        let done = match operations.kind[at] {
            1 => state.book.add(id, side, price, lots),
            2 => state.book.cancel(id, (!quantity.is_nan()).then_some(lots)).map(drop),
            _ => state.book.modify(id, price, lots),
        };
        if let Err(error) = done {
            state.failure = Some(body(error.code(), &error.to_string()).to_string());
            break;
        }
        applied += 1;
    }
    let bbo = state.book.bbo();
    let number = |ticks: Ticks| if ticks.is_some() { ticks.0 as f64 } else { f64::NAN };
    operations.best = [
        number(bbo.bid),
        number(bbo.ask),
        bbo.bid_size.0 as f64,
        bbo.ask_size.0 as f64,
        f64::from(bbo.bid_count),
        f64::from(bbo.ask_count),
    ];
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
            state.failure = Some(panic_body(panic.as_ref()).to_string());
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
