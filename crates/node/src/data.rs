//! Files: what is in them, and from one format to another.

use crate::failure::{body, feed_body, guarded};
use feed::inspect::{InspectOptions, inspect as inspect_files};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use std::path::PathBuf;

/// What is in these files, as JSON; several DBN files are one stream.
pub struct InspectTask {
    paths: Vec<String>,
    book: bool,
}

impl Task for InspectTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guarded(|| {
            let paths: Vec<PathBuf> = self.paths.iter().map(PathBuf::from).collect();
            let found = inspect_files(
                &paths,
                &InspectOptions { book: self.book, check: true, ..Default::default() },
            )
            .map_err(|error| feed_body(&error))?;
            serde_json::to_string(&found).map_err(|error| body("ERR_INTERNAL", &error.to_string()))
        })
    }

    fn resolve(&mut self, _env: Env, output: String) -> napi::Result<String> {
        Ok(output)
    }
}

/// What is in these files, off the main thread.
#[napi(ts_return_type = "Promise<string>")]
pub fn inspect(paths: Vec<String>, book: bool) -> AsyncTask<InspectTask> {
    AsyncTask::new(InspectTask { paths, book })
}
