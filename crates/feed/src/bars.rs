//! Bars from ticks and from finer bars.
