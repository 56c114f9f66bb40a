//! Models of one's own that are functions of JavaScript.

use crate::failure::body;
use backtest::CustomModels;
use backtest::configuration::{self, CustomModel, Fees, VenueModels};
use backtest::thread_bound::ThreadBound;
use costs::{FeeInput, FeeModel, ModelFault, SlippageInput, SlippageModel};
use model::{LiquiditySide, Lots, Money, Price, Side, UnixNanos};
use napi::bindgen_prelude::{JsValue, Object, Unknown};
use napi::sys;
use serde_json::Value;
use std::ptr;
use std::sync::Arc;
use venue::{FillInput, FillModel};

/// A function, kept alive by a reference. It takes a symbol and numbers, and answers with a number,
/// or with a text: `!` before what it threw, `?` before what it gave that is no number.
struct Function {
    env: sys::napi_env,
    reference: sys::napi_ref,
}

impl Drop for Function {
    fn drop(&mut self) {
        // SAFETY: the reference was created with this env and is deleted once, on its thread; handles
        // are dropped by finalizers or `close`, while the env lives.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

/// A model that is a function, under its name.
struct FunctionModel {
    name: String,
    function: ThreadBound<Function>,
}

/// The models that a configuration names as custom, from `functions`: `fees`, `slippage` and `fill`.
pub(crate) fn custom_models(
    env: sys::napi_env,
    functions: Option<&Object<'_>>,
    venue: &VenueModels,
) -> Result<CustomModels, Value> {
    let get = |field: &str, name: &str| {
        let value = functions.and_then(|all| all.get::<Unknown<'_>>(field).ok().flatten());
        value.map(|value| FunctionModel::new(env, value.raw(), name).map(Arc::new)).transpose()
    };
    let mut models = CustomModels::default();
    if let Fees::Custom(CustomModel { name, .. }) = &venue.fees {
        models.fees = get("fees", name)?.map(|model| model as Arc<dyn FeeModel>);
    }
    if let configuration::SlippageModel::Custom(CustomModel { name, .. }) = &venue.slippage {
        models.slippage = get("slippage", name)?.map(|model| model as Arc<dyn SlippageModel>);
    }
    if let Some(CustomModel { name, .. }) = &venue.fill.custom {
        models.fill = get("fill", name)?.map(|model| model as Arc<dyn FillModel>);
    }
    Ok(models)
}

impl FunctionModel {
    fn new(env: sys::napi_env, value: sys::napi_value, name: &str) -> Result<Self, Value> {
        let mut kind = 0;
        let mut reference = ptr::null_mut();
        // SAFETY: env and value are live for this call and the out-pointers valid; the reference is
        // deleted in `drop`.
        let status = unsafe {
            sys::napi_typeof(env, value, &mut kind);
            if kind != sys::ValueType::napi_function {
                let what = format!("the model '{name}' is no function");
                return Err(body("ERR_CONFIG_NATIVE", &what));
            }
            sys::napi_create_reference(env, value, 1, &mut reference)
        };
        if status != sys::Status::napi_ok {
            return Err(body("ERR_INTERNAL", "a function cannot be referenced"));
        }
        let function = ThreadBound::new(Function { env, reference });
        Ok(Self { name: name.to_owned(), function })
    }

    fn call(&self, symbol: &str, numbers: &[f64]) -> Result<f64, ModelFault> {
        let Some(function) = self.function.get() else {
            let said = "it was called on another thread than its own";
            return Err(ModelFault::Failed(said.to_owned()));
        };
        let mut scope = ptr::null_mut();
        // SAFETY: this is the thread of the env, inside a call from JavaScript. The scope frees what
        // the call makes.
        unsafe {
            if sys::napi_open_handle_scope(function.env, &mut scope) != sys::Status::napi_ok {
                return Err(ModelFault::Failed("Node has no room for a call".to_owned()));
            }
            let answer = function.call(symbol, numbers);
            sys::napi_close_handle_scope(function.env, scope);
            answer
        }
    }
}

impl Function {
    /// # Safety
    /// On the thread of the env, inside a call from JavaScript and a handle scope.
    unsafe fn call(&self, symbol: &str, numbers: &[f64]) -> Result<f64, ModelFault> {
        let env = self.env;
        let failed = |what: &str| Err(ModelFault::Failed(what.to_owned()));
        let mut arguments = [ptr::null_mut(); 16];
        let count = numbers.len() + 1;
        let mut function = ptr::null_mut();
        let mut this = ptr::null_mut();
        let mut answer = ptr::null_mut();
        // SAFETY: all out-pointers are valid; values live until the scope closes; `count` arguments
        // were made. What could not be made is undefined, which the function takes for no number.
        let status = unsafe {
            sys::napi_create_string_utf8(
                env,
                symbol.as_ptr().cast(),
                symbol.len() as isize,
                &mut arguments[0],
            );
            for (place, number) in arguments[1..].iter_mut().zip(numbers) {
                sys::napi_create_double(env, *number, place);
            }
            sys::napi_get_reference_value(env, self.reference, &mut function);
            sys::napi_get_undefined(env, &mut this);
            sys::napi_call_function(env, this, function, count, arguments.as_ptr(), &mut answer)
        };
        if status != sys::Status::napi_ok {
            let mut thrown = ptr::null_mut();
            // SAFETY: as above. The caller's own function catches what a model throws: this is
            // beyond it, such as an exhausted stack.
            unsafe { sys::napi_get_and_clear_last_exception(env, &mut thrown) };
            return failed("it could not be called to its end");
        }
        let mut number = 0.0;
        // SAFETY: as above; the call answers with a status when it is no number.
        if unsafe { sys::napi_get_value_double(env, answer, &mut number) } == sys::Status::napi_ok {
            return Ok(number);
        }
        let mut text = [0u8; 1024];
        let mut length = 0usize;
        // SAFETY: the buffer holds as many bytes as are told.
        let status = unsafe {
            sys::napi_get_value_string_utf8(
                env,
                answer,
                text.as_mut_ptr().cast(),
                text.len(),
                &mut length,
            )
        };
        let text = String::from_utf8_lossy(&text[..length.min(text.len())]);
        match text.split_at_checked(1) {
            Some(("!", said)) if status == sys::Status::napi_ok => failed(said),
            Some((_, given)) => Err(wrong(given, "a finite number")),
            None => failed("it answered with nothing"),
        }
    }
}

fn wrong(value: impl ToString, accepted: &'static str) -> ModelFault {
    ModelFault::Result { value: value.to_string(), accepted }
}

/// Units of 1e-9 of a number, half to even; `None` beyond ±`most`.
fn nanos(value: f64, most: f64) -> Option<i128> {
    // Whole and fraction apart, so that large numbers keep what they have of small digits.
    let whole = value.trunc();
    let fraction = ((value - whole) * 1e9).round_ties_even();
    (value.abs() <= most).then_some(whole as i128 * 1_000_000_000 + fraction as i128)
}

/// Milliseconds since 1970 with a fraction, as JavaScript has times.
fn millis(at: UnixNanos) -> f64 {
    at.0 as f64 / 1e6
}

fn sign(side: Side) -> f64 {
    side.sign() as f64
}

impl FeeModel for FunctionModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn fee(&self, fill: &FeeInput<'_>) -> Result<Money, ModelFault> {
        let fee = self.call(
            &fill.instrument.symbol,
            &[
                sign(fill.side),
                f64::from(u8::from(fill.liquidity == LiquiditySide::Maker)),
                fill.price.as_f64(),
                fill.quantity.as_f64(),
                fill.notional.as_f64(),
                fill.traded.as_f64(),
                fill.order.charged.as_f64(),
                fill.order.notional.as_f64(),
                millis(fill.at),
                f64::from(u8::from(fill.estimate)),
            ],
        )?;
        let accepted = "a finite amount of money of at most 1e15, below zero for a rebate";
        nanos(fee, 1e15).map(Money).ok_or_else(|| wrong(fee, accepted))
    }
}

impl SlippageModel for FunctionModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn price(&self, fill: &SlippageInput<'_>) -> Result<Price, ModelFault> {
        let shown = fill.price.as_f64();
        let lot = fill.instrument.lot_size.as_f64();
        let price = self.call(
            &fill.instrument.symbol,
            &[
                sign(fill.side),
                shown,
                fill.lots.0 as f64 * lot,
                fill.spread.map_or(f64::NAN, Price::as_f64),
                fill.share.unwrap_or(f64::NAN),
                millis(fill.at),
            ],
        )?;
        // A price that a number cannot hold exactly is not moved by having been one.
        if price == shown {
            return Ok(fill.price);
        }
        let most = i64::MAX as f64 / 2e9;
        let nanos = nanos(price, most).and_then(|nanos| i64::try_from(nanos).ok());
        nanos.map(Price).ok_or_else(|| wrong(price, "a finite price"))
    }
}

impl FillModel for FunctionModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn probability(&self, touch: &FillInput<'_>) -> Result<f64, ModelFault> {
        let lot = touch.instrument.lot_size.as_f64();
        let quantity = |lots: Lots| lots.0 as f64 * lot;
        self.call(
            &touch.instrument.symbol,
            &[
                sign(touch.side),
                touch.price.as_f64(),
                quantity(touch.total),
                quantity(touch.leaves),
                touch.visit as f64,
                millis(touch.arrived),
                millis(touch.at),
                f64::from(u8::from(touch.proven)),
            ],
        )
    }
}
