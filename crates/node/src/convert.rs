//! Files from one format to another.

use crate::failure::{body, feed_body, guarded};
use crate::watch::Watch;
use feed::columns::RowKind;
use feed::convert::{ConvertOptions, Format, convert};
use model::{BarLabel, Timeframe, UnixNanos};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// What is converted; an option that the formats at hand cannot use is an error, never ignored.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    input: PathBuf,
    output: PathBuf,
    /// Of a DBN file: only these.
    symbols: Vec<String>,
    /// Of a DBN file: from this time on, nanoseconds.
    start: Option<String>,
    /// Of a DBN file: before this time, nanoseconds.
    end: Option<String>,
    kind: Option<String>,
    /// Of a table: the interval of its bars.
    timeframe: Option<String>,
    /// Of a table: what a bar's time names.
    label: Option<String>,
}

/// A conversion: made, run once on another thread, watched meanwhile.
#[napi]
pub struct NativeConversion {
    request: Request,
    watch: Arc<Watch>,
}

/// Prepares a conversion; nothing is read yet.
#[napi]
pub fn open_conversion(request: String) -> napi::Result<NativeConversion> {
    guarded(|| {
        let request = serde_json::from_str(&request)
            .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
        Ok(NativeConversion { request, watch: Arc::default() })
    })
}

#[napi]
impl NativeConversion {
    /// Does it: what was written, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn run(&self) -> AsyncTask<ConvertTask> {
        AsyncTask::new(ConvertTask {
            request: self.request.clone(),
            watch: Arc::clone(&self.watch),
        })
    }

    /// 0 to 1.
    #[napi]
    pub fn progress(&self) -> f64 {
        self.watch.fraction()
    }

    /// Ends it soon; nothing stays behind.
    #[napi]
    pub fn stop(&self) {
        self.watch.stop();
    }
}

/// The work of a conversion.
pub struct ConvertTask {
    request: Request,
    watch: Arc<Watch>,
}

impl Task for ConvertTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guarded(|| {
            let Request { input, output, .. } = &self.request;
            let options = options(&self.request)?;
            let watch = &self.watch;
            let mut progress = |fraction: f64| watch.go_on(fraction);
            let done = convert(input, output, &options, &mut progress)
                .map_err(|error| feed_body(&error))?;
            Ok(json!({ "output": output, "rows": done.rows, "leftOut": done.left_out }).to_string())
        })
    }

    fn resolve(&mut self, _env: Env, output: String) -> napi::Result<String> {
        Ok(output)
    }
}

fn refused(option: &str, value: &str, accepted: &str) -> Value {
    json!({
        "code": "ERR_FEED_SETTING",
        "message": format!("{option} is {value}; accepted: {accepted}"),
        "details": { "option": option, "value": value, "accepted": accepted },
    })
}

fn options(request: &Request) -> Result<ConvertOptions, Value> {
    let Request { input, output, symbols, start, end, kind, timeframe, label } = request;
    let from = Format::of_file(input).map_err(|error| feed_body(&error))?;
    let only = |given: bool, option: &str, lawful: bool, accepted: &str| {
        if given && !lawful { Err(refused(option, "given", accepted)) } else { Ok(()) }
    };
    let records = from == Format::Dbn && Format::of_name(output) != Some(Format::Dbn);
    let from_dbn = "only where DBN becomes a table";
    only(!symbols.is_empty(), "symbols", records, from_dbn)?;
    only(start.is_some(), "start", records, from_dbn)?;
    only(end.is_some(), "end", records, from_dbn)?;
    let to_other = from != Format::Dbn || records;
    only(kind.is_some(), "kind", to_other, "not from DBN to DBN")?;
    only(timeframe.is_some(), "timeframe", from != Format::Dbn, "only of CSV and Parquet")?;
    only(label.is_some(), "label", from != Format::Dbn, "only of CSV and Parquet")?;
    let time = |option: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(nanos) => Ok(Some(UnixNanos(nanos))),
            Err(_) => Err(refused(option, text, "nanoseconds since 1970")),
        },
    };
    let kind = match kind.as_deref() {
        None => None,
        Some(word) => Some(
            [RowKind::Bars, RowKind::Quotes, RowKind::Trades, RowKind::Depth]
                .into_iter()
                .find(|kind| kind.as_str() == word)
                .ok_or_else(|| refused("kind", word, "bars, quotes, trades, depth"))?,
        ),
    };
    let mut options = ConvertOptions { kind, ..Default::default() };
    options.dbn.symbols = (!symbols.is_empty()).then(|| symbols.clone());
    options.dbn.start = time("start", start)?;
    options.dbn.end = time("end", end)?;
    options.table.kind = if from == Format::Dbn { None } else { kind };
    options.table.timeframe = match timeframe {
        None => None,
        Some(text) => Some(
            Timeframe::parse(text).ok_or_else(|| refused("timeframe", text, "1m, 1h, 1d, …"))?,
        ),
    };
    options.table.label = match label.as_deref() {
        None => None,
        Some("open") => Some(BarLabel::Open),
        Some("close") => Some(BarLabel::Close),
        Some("session") => Some(BarLabel::Session),
        Some(word) => return Err(refused("label", word, "open, close, session")),
    };
    Ok(options)
}
