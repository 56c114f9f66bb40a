//! Several sources merged by time.
