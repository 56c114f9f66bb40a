//! What this addon is and what it runs on.

use napi_derive::napi;
use serde_json::json;

/// Version, target, profile and processor features, as JSON.
#[napi]
pub fn doctor() -> String {
    let mut features = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        for (name, found) in [
            ("sse4.2", std::arch::is_x86_feature_detected!("sse4.2")),
            ("avx2", std::arch::is_x86_feature_detected!("avx2")),
            ("bmi2", std::arch::is_x86_feature_detected!("bmi2")),
            ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
        ] {
            if found {
                features.push(name);
            }
        }
    }
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "target": format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        "pointerWidth": usize::BITS,
        "debugAssertions": cfg!(debug_assertions),
        "cores": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        "cpuFeatures": features,
        "layoutVersion": engine::columns::LAYOUT_VERSION,
    })
    .to_string()
}
