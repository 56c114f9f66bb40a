//! The simulated exchange: matching, latency, queue and fill models.
