/** Everything that `import … from 'tickforge'` offers. */
export { Backtest, type BacktestOptions, type RunControl, type StrategySetup } from './backtest/backtest.ts'
export {
  type CalibratedModel,
  type CalibrateOptions,
  type Calibration,
  type CalibrationDisagreement,
  type CalibrationModel,
  type CalibrationScore,
  calibrate,
  calibratedQueue,
  calibrationSnippet,
} from './backtest/calibrate.ts'
export type {
  AccountOptions,
  CurrencyRate,
  MarginOptions,
  MarginRate,
  NativeAccount,
  NativeMargin,
  NativeMarginAmount,
  NativeRateTerms,
} from './backtest/configuration-account.ts'
export {
  binance,
  csv,
  dbn,
  type FeeBounds,
  fees,
  fill,
  impact,
  latency,
  parquet,
  queue,
  slippage,
  synthetic,
} from './backtest/configuration-builders.ts'
export type {
  BorrowOptions,
  CashEventOptions,
  DividendOptions,
  FundingOptions,
  NativeCashEvents,
  SplitOptions,
} from './backtest/configuration-cash-events.ts'
export type {
  DelayModel,
  FeeModel,
  FeeTier,
  FillOptions,
  FixedLatency,
  ImpactModel,
  LatencyModel,
  LatencyRow,
  NamedVenueOptions,
  SlippageModel,
  StressOptions,
  VenueOptions,
} from './backtest/configuration-models.ts'
export type {
  NativeDataSource,
  NativeDelay,
  NativeFees,
  NativeImpact,
  NativeInstrument,
  NativeLatency,
  NativeNeeds,
  NativeRiskLimits,
  NativeRunConfiguration,
  NativeStrategy,
} from './backtest/configuration-native.ts'
export type { CalibratedQueue, QueueCalibration, QueueModel } from './backtest/configuration-queue.ts'
export type {
  CalendarName,
  CalendarOptions,
  DataChecks,
  DataSource,
  DataSourceOptions,
  FrameOptions,
  InstrumentOptions,
  OutputOptions,
  RiskLimitOptions,
  RunOptions,
  SessionOptions,
  StrategyNeeds,
  StrategyOptions,
  SyntheticOptions,
  TableOptions,
} from './backtest/configuration-types.ts'
export type { Decimal, Duration, TimePoint } from './backtest/configuration-values.ts'
export { type BacktestingPyStatistics, backtestingPyStatistics, type ConventionInput } from './backtest/conventions.ts'
export type {
  CustomModel,
  CustomOptions,
  FeeFill,
  FeeFunction,
  FillFunction,
  NativeCustomModel,
  SlippageFill,
  SlippageFunction,
  TouchedOrder,
} from './backtest/custom-models.ts'
export type {
  AccountLook,
  Explanation,
  ExplanationLine,
  ExplanationStep,
  JournalEntry,
  Look,
  LookLevel,
  LookOrder,
  MarketLook,
  OrderExplanation,
  TraceOptions,
} from './backtest/explanation.ts'
export type { FillBases, Honesty, InstrumentHonesty } from './backtest/honesty.ts'
export type {
  BalanceOutcome,
  CashTable,
  CheckOutcome,
  EquityCurve,
  ExecutionOutcome,
  Figures,
  FillTable,
  HistogramBar,
  InstrumentOutcome,
  Liquidation,
  MarkOut,
  OrderTable,
  Outcome,
  PositionLegOutcome,
  PositionOutcome,
  PriceCurve,
  RoundTrip,
  RunCounters,
  SessionOutcome,
  Statistics,
  StrategyOutcome,
  TradeStatistics,
} from './backtest/outcome.ts'
export {
  BacktestResult,
  type CashEventRow,
  type FillBasis,
  type FillRow,
  type LiquidationRow,
  type OrderRow,
  type RunFacts,
  type TableName,
} from './backtest/result.ts'
export type { StressOutcome } from './backtest/stress.ts'
export {
  type BestPrices,
  BookBase,
  type BookDepth,
  type BookLevel,
  BookOperation,
  type BookOptions,
  type BookOrder,
  type BookOrderId,
  type BookSide,
  LevelBook,
  type LevelOperations,
  OrderBook,
  type OrderOperations,
  type QueuePosition,
  QuoteBook,
  SettableBook,
} from './core/index.ts'
export { type ErrorCode, errorCodes, TickforgeError, type TickforgeErrorOptions } from './errors.ts'
export {
  Atr,
  Bollinger,
  type CloseInput,
  Donchian,
  Ema,
  Highest,
  Indicator,
  type IndicatorBar,
  Lowest,
  Macd,
  Roc,
  Rsi,
  Sma,
  StdDev,
  Vwap,
  Wma,
  ZScore,
} from './indicators/index.ts'
export type { NativeCalendar, NativeSession } from './native/binding.ts'
export type { Comparison, FigureDifference, FillDifference } from './report/compare.ts'
export type { BarSlice } from './strategy/bar-slice.ts'
export type { Context } from './strategy/context.ts'
export type { Book, Depth, DepthLevel } from './strategy/depth-view.ts'
export type { RunProgress } from './strategy/driver.ts'
export type { HistoryBar, RecentTrade } from './strategy/history.ts'
export type { BarIndicatorOptions, IndicatorHost } from './strategy/indicator-host.ts'
export type {
  BarIndicator,
  BarInput,
  IndicatorOptions,
  IndicatorSource,
  ValueIndicator,
} from './strategy/indicator-registry.ts'
export type { Instrument, InstrumentPrice, Rounding, Side } from './strategy/instrument.ts'
export type { InstrumentContext, PositionLeg, Subscription } from './strategy/instrument-context.ts'
export type { Needs } from './strategy/needs.ts'
export type { Bracket, BracketOptions, ChildOptions, ExitOptions } from './strategy/order-families.ts'
export type { OrderChange, OrderHandle } from './strategy/order-handle.ts'
export type {
  OrderAmount,
  OrderOptions,
  SizingTerms,
  SubmitOptions,
  TargetAmount,
  TargetOptions,
} from './strategy/order-options.ts'
export type { OrderTerms, PriceInput, TimeInForce, TrailOffset, TriggerSource } from './strategy/order-terms.ts'
export {
  type BooleanParameter,
  bool,
  float,
  int,
  type NumberLimits,
  type NumberParameter,
  type Parameter,
  type Parameters,
  type ParameterValue,
  type ParameterValues,
  type TextParameter,
  text,
} from './strategy/parameters.ts'
export type { CancelReason, OrderStatus, OrderType, ReportKind } from './strategy/reasons.ts'
export type {
  IndicatorRecord,
  LogLevel,
  LogRecord,
  MetricRecord,
  SeriesRecord,
  StrategyRecords,
} from './strategy/records.ts'
export type { Fill, OrderReport, Timer } from './strategy/report-views.ts'
export type { Session } from './strategy/session.ts'
export {
  type MarketData,
  type OrderEvent,
  Strategy,
  type StrategyBase,
  type StrategyClass,
} from './strategy/strategy.ts'
export type { Bar, MarketView, Quote, Trade } from './strategy/views.ts'
