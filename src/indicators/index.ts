/** Streaming indicators: the formulas of `crates/indicators`, bit for bit, in TypeScript. */
export { type CloseInput, Ema, Sma, Wma } from './average.ts'
export { Donchian, Highest, Lowest } from './channel.ts'
export { Indicator, type IndicatorBar, maxPeriod } from './indicator.ts'
export { Macd, Roc, Rsi } from './momentum.ts'
export { Atr, Bollinger, StdDev, ZScore } from './volatility.ts'
export { Vwap } from './volume.ts'
