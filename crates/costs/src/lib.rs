//! Fee, slippage and impact formulas, used alike by venue and research.
