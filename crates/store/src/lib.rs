//! Run artefacts: Parquet files, manifest, report data.
