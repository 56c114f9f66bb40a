//! Runs: opened from a configuration, driven through shared columns, concluded into a result.

use crate::failure::{body, error, guarded, panic_body};
use crate::model_function::custom_models;
use crate::shared_memory::{SharedMemory, bare_function};
use backtest::explanation::Question;
use backtest::{Prepared, RunConfiguration, prepare_custom};
use engine::columns::{CommandColumns, EventColumns, LAYOUT_VERSION, StepStatus, ViewTable};
use engine::step::{Stepper, prepare as prepare_columns};
use napi::bindgen_prelude::{Env, JsValue, Object, Unknown};
use napi::sys;
use napi_derive::napi;
use serde_json::{Value, json};
use std::cell::{Ref, RefCell, RefMut};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;
use trading::{Account, Currencies, Rate};

/// The state of a run, shared by its handle and its `advance` function.
struct State {
    prepared: Option<Prepared>,
    stepper: Stepper,
    memory: Option<Attached>,
    failure: Option<String>,
    question: Question,
}

struct Attached {
    events: SharedMemory,
    commands: SharedMemory,
    views: SharedMemory,
    view_count: usize,
}

/// A run.
#[napi]
pub struct NativeRun {
    state: Rc<RefCell<State>>,
}

/// Opens the data of a configuration and sets a run up. `functions` are the models that it names as
/// custom: `fees`, `slippage` and `fill`, as `src/backtest/custom-calls.ts` makes them.
#[napi]
pub fn open_run(
    env: &Env,
    configuration: String,
    functions: Option<Object<'_>>,
) -> napi::Result<NativeRun> {
    guarded(|| {
        let parsed: RunConfiguration = serde_json::from_str(&configuration)
            .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
        let models = custom_models(env.raw(), functions.as_ref(), &parsed.venue)?;
        let rows = parsed.step_rows;
        let prepared = prepare_custom(parsed, &models).map_err(|error| error.to_json())?;
        let stepper = Stepper::new(&prepared.run, rows);
        let prepared = Some(prepared);
        let question = Question::default();
        let state = State { prepared, stepper, memory: None, failure: None, question };
        Ok(NativeRun { state: Rc::new(RefCell::new(state)) })
    })
}

#[napi]
impl NativeRun {
    /// Instruments, strategies and sizes of the columns, as JSON.
    #[napi]
    pub fn describe(&self) -> napi::Result<String> {
        let state = self.state()?;
        guarded(|| {
            let prepared = state.prepared.as_ref().ok_or_else(closed)?;
            Ok(describe(prepared).to_string())
        })
    }

    /// Takes the memory of the columns and gives the function that makes a step: it returns nothing
    /// when there are rows, of which the columns hold the number, and else the status of the step.
    #[napi(ts_return_type = "() => number | undefined")]
    pub fn attach<'env>(
        &self,
        env: &'env Env,
        events: Unknown<'env>,
        commands: Unknown<'env>,
        views: Unknown<'env>,
    ) -> napi::Result<Unknown<'env>> {
        let mut state = self.state_mut()?;
        let Some(prepared) = &state.prepared else { return Err(error(&closed())) };
        let view_count = prepared.run.instruments().len() * prepared.run.strategies().len();
        let attached = Attached {
            events: SharedMemory::new(env.raw(), events.raw())?,
            commands: SharedMemory::new(env.raw(), commands.raw())?,
            views: SharedMemory::new(env.raw(), views.raw())?,
            view_count,
        };
        // SAFETY: the column structs are plain numbers, valid for every bit pattern, and the three
        // borrows are of different memory and end here.
        unsafe {
            let events = attached.events.as_one::<EventColumns>()?;
            let commands = attached.commands.as_one::<CommandColumns>()?;
            attached.views.as_slice::<ViewTable>(view_count)?;
            prepare_columns(events, commands);
        }
        state.memory = Some(attached);
        let data = Rc::into_raw(Rc::clone(&self.state)).cast_mut().cast::<c_void>();
        // SAFETY: data is an owned Rc of exactly the type that both callbacks expect.
        unsafe {
            let function =
                bare_function(env.raw(), "advance", Some(advance), data, Some(release_state))?;
            Ok(Unknown::from_raw_unchecked(env.raw(), function))
        }
    }

    /// Why the run failed, as JSON, or `null`.
    #[napi]
    pub fn error(&self) -> napi::Result<Option<String>> {
        Ok(self.state()?.failure.clone())
    }

    /// How much of the input has been read, 0 to 1.
    #[napi]
    pub fn progress(&self) -> napi::Result<f64> {
        Ok(self.state()?.prepared.as_ref().map_or(1.0, |prepared| prepared.run.progress()))
    }

    /// Steps and rows so far, as JSON.
    #[napi]
    pub fn steps(&self) -> napi::Result<String> {
        let state = self.state()?;
        Ok(json!({ "steps": state.stepper.steps, "rows": state.stepper.rows }).to_string())
    }

    /// Draws the result as JSON and writes the artefacts that the configuration names.
    #[napi]
    pub fn finish(&self, extra: String) -> napi::Result<String> {
        let state = self.state()?;
        guarded(|| {
            let prepared = state.prepared.as_ref().ok_or_else(closed)?;
            let extra: Value = serde_json::from_str(&extra)
                .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
            let outcome = backtest::outcome::conclude(prepared).map_err(|error| error.to_json())?;
            backtest::artefacts::write(prepared, &outcome, &extra)
                .map_err(|error| error.to_json())?;
            serde_json::to_string(&outcome)
                .map_err(|error| body("ERR_INTERNAL", &error.to_string()))
        })
    }

    /// Asks what one order meets, or what stands at one moment: JSON, before the first step.
    #[napi]
    pub fn set_trace(&self, question: String) -> napi::Result<()> {
        let mut state = self.state_mut()?;
        guarded(|| {
            let question: Question = serde_json::from_str(&question)
                .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
            let prepared = state.prepared.as_mut().ok_or_else(closed)?;
            prepared.ask(&question).map_err(|error| error.to_json())?;
            state.question = question;
            Ok(())
        })
    }

    /// What the run has to say to that, as JSON.
    #[napi]
    pub fn explain(&self) -> napi::Result<String> {
        let state = self.state()?;
        guarded(|| {
            let prepared = state.prepared.as_ref().ok_or_else(closed)?;
            Ok(prepared.answer(&state.question).to_string())
        })
    }

    /// Frees the run; later calls say so. Closing twice is nothing.
    #[napi]
    pub fn close(&self) -> napi::Result<()> {
        let mut state = self.state_mut()?;
        state.prepared = None;
        state.memory = None;
        Ok(())
    }
}

impl NativeRun {
    /// The state, unless a step is being made: a model of one's own that calls back finds it taken.
    fn state(&self) -> napi::Result<Ref<'_, State>> {
        self.state.try_borrow().map_err(|_| error(&busy()))
    }

    fn state_mut(&self) -> napi::Result<RefMut<'_, State>> {
        self.state.try_borrow_mut().map_err(|_| error(&busy()))
    }
}

fn busy() -> Value {
    body("ERR_RUN_BUSY", "the run is in the middle of a step; a model may not call back into it")
}

fn closed() -> Value {
    body("ERR_RUN_CLOSED", "the run is closed; open a new one")
}

fn describe(prepared: &Prepared) -> Value {
    let run = &prepared.run;
    let account = run.ledger().account(model::StrategyIndex(0));
    let instruments: Vec<Value> = run
        .instruments()
        .iter()
        .map(|terms| {
            let configured = &prepared.configuration.instruments;
            let session = configured
                .iter()
                .find(|given| given.symbol == terms.symbol)
                .and_then(|given| given.session.as_ref());
            json!({
                "session": session,
                "symbol": terms.symbol,
                "kind": terms.kind.as_str(),
                "tickSize": terms.grid.tick_size().to_string(),
                "lotSize": terms.lot_size.to_string(),
                "multiplier": terms.multiplier.to_string(),
                "inverse": terms.inverse,
                "feeCurrency": terms.fee_currency.as_str(),
                "currency": terms.currency.to_string(),
                "venue": terms.venue,
                "origin": terms.origin.as_str(),
            })
        })
        .collect();
    let strategies: Vec<Value> = run
        .strategies()
        .iter()
        .map(|side| {
            let seen: Vec<u32> = side.needs.instruments.iter().map(|index| index.0).collect();
            let bars: Vec<String> = side.needs.bars.iter().map(ToString::to_string).collect();
            json!({
                "name": side.name,
                "instruments": seen,
                "bars": bars,
                "depth": side.needs.depth,
                "trades": side.needs.trades,
                "quotes": side.needs.quotes,
            })
        })
        .collect();
    json!({
        "instruments": instruments,
        "strategies": strategies,
        "currency": prepared.configuration.account.currency,
        "balances": balances(account),
        "rates": rates(account.currencies()),
        "notes": prepared.notes,
        "eventBytes": size_of::<EventColumns>(),
        "commandBytes": size_of::<CommandColumns>(),
        "viewBytes": size_of::<ViewTable>() * run.instruments().len() * run.strategies().len(),
        "sharedAccount": prepared.configuration.account.shared,
        "layoutVersion": LAYOUT_VERSION,
    })
}

/// What an account has of each currency at the start.
fn balances(account: &Account) -> Value {
    let codes = account.currencies().codes().iter().map(ToString::to_string);
    let amounts = account.balances().iter().map(|balance| json!(balance.initial.as_f64()));
    Value::Object(codes.zip(amounts).collect())
}

/// What other currencies are worth in the account's own.
fn rates(currencies: &Currencies) -> Vec<Value> {
    let of = |(code, rate): (&model::Currency, &Rate)| {
        let (rate, instrument, inverse) = match *rate {
            Rate::Fixed(rate) => (Some(rate), None, false),
            Rate::Market { instrument, inverse, initial } => (initial, Some(instrument.0), inverse),
        };
        json!({
            "currency": code.to_string(),
            "rate": rate.map(model::Price::as_f64),
            "instrument": instrument,
            "inverse": inverse,
        })
    };
    currencies.codes().iter().skip(1).zip(currencies.rates()).map(of).collect()
}

/// Makes a step; `None` when it has rows.
fn step(state: &mut State) -> Option<StepStatus> {
    let State { prepared, stepper, memory, failure, .. } = state;
    let (Some(prepared), Some(memory)) = (prepared.as_mut(), memory.as_ref()) else {
        *failure = Some(closed().to_string());
        return Some(StepStatus::Failed);
    };
    if failure.is_some() {
        return Some(StepStatus::Failed);
    }
    // SAFETY: sizes and alignment were checked when the memory was attached, the references keep
    // it alive, and the three parts do not overlap. JavaScript that runs during the call (models of
    // one's own) writes to none of them: a context refuses commands outside of handlers, and a
    // second step finds the state taken.
    let (events, commands, views) = unsafe {
        (
            &mut *memory.events.address::<EventColumns>(),
            &mut *memory.commands.address::<CommandColumns>(),
            std::slice::from_raw_parts_mut(memory.views.address::<ViewTable>(), memory.view_count),
        )
    };
    let status = match stepper.advance(&mut prepared.run, events, commands, views) {
        Ok(status) => status,
        Err(error) => {
            *failure = Some(backtest::BacktestError::from(error).to_json().to_string());
            events.rows = 0;
            StepStatus::Failed
        }
    };
    events.status = status as u32;
    (status != StepStatus::Running || events.rows == 0).then_some(status)
}

unsafe extern "C" fn advance(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
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
    let answer = match catch_unwind(AssertUnwindSafe(|| match state.try_borrow_mut() {
        Ok(mut state) => step(&mut state),
        Err(_) => Some(StepStatus::Failed),
    })) {
        Ok(answer) => answer,
        Err(panic) => {
            if let Ok(mut state) = state.try_borrow_mut() {
                state.failure = Some(panic_body(panic.as_ref()).to_string());
                // What a panic left behind is not to be trusted.
                state.prepared = None;
            }
            Some(StepStatus::Failed)
        }
    };
    // Nothing is `undefined` in JavaScript, and costs less than a number.
    let mut result = ptr::null_mut();
    if let Some(status) = answer {
        // SAFETY: env is live and the out-pointer valid.
        unsafe { sys::napi_create_uint32(env, status as u32, &mut result) };
    }
    result
}

unsafe extern "C" fn release_state(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: data came from `Rc::into_raw` of this type, and finalizers are called once.
    drop(unsafe { Rc::from_raw(data.cast_const().cast::<RefCell<State>>()) });
}
