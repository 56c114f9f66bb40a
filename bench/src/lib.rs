//! Shared parts of the benchmarks: interleaved timing, real and generated records.
