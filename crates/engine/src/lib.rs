//! Clock, timers, router, strategies, rows and commands, recorder.
