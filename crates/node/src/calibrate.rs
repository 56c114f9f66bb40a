//! How far the simulator is from what really happened in a file.

use crate::failure::{body, guarded};
use crate::watch::Watch;
use backtest::calibrate::CalibrateFile;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use std::sync::Arc;

/// A calibration: made, run once on another thread, watched meanwhile.
#[napi]
pub struct NativeCalibration {
    request: CalibrateFile,
    watch: Arc<Watch>,
}

/// Prepares a calibration; nothing is read yet.
#[napi]
pub fn open_calibration(request: String) -> napi::Result<NativeCalibration> {
    guarded(|| {
        let request = serde_json::from_str(&request)
            .map_err(|error| body("ERR_CONFIG_NATIVE", &error.to_string()))?;
        Ok(NativeCalibration { request, watch: Arc::default() })
    })
}

#[napi]
impl NativeCalibration {
    /// Does it: the scorecard, as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn run(&self) -> AsyncTask<CalibrateTask> {
        AsyncTask::new(CalibrateTask {
            request: self.request.clone(),
            watch: Arc::clone(&self.watch),
        })
    }

    /// 0 to 1.
    #[napi]
    pub fn progress(&self) -> f64 {
        self.watch.fraction()
    }

    /// Ends it soon.
    #[napi]
    pub fn stop(&self) {
        self.watch.stop();
    }
}

/// The work of a calibration.
pub struct CalibrateTask {
    request: CalibrateFile,
    watch: Arc<Watch>,
}

impl Task for CalibrateTask {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        guarded(|| {
            let watch = &self.watch;
            let mut progress = |fraction: f64| watch.go_on(fraction);
            let found = self.request.run(&mut progress).map_err(|error| error.to_json())?;
            serde_json::to_string(&found).map_err(|error| body("ERR_INTERNAL", &error.to_string()))
        })
    }

    fn resolve(&mut self, _env: Env, output: String) -> napi::Result<String> {
        Ok(output)
    }
}
