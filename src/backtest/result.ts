/** The result of a run: figures in words and numbers, fills, orders, curves, the report. */
import type { Table } from 'apache-arrow'
import type { Comparison } from '../report/compare.ts'
import { type OrderType, orderTypes } from '../strategy/reasons.ts'
import type { StrategyRecords } from '../strategy/records.ts'
import type { NativeRunConfiguration } from './configuration-native.ts'
import type { Explanation } from './explanation.ts'
import { type Honesty, honestyNotes, honestyOf } from './honesty.ts'
import type {
  EquityCurve,
  Figures,
  FillTable,
  Liquidation,
  OrderTable,
  Outcome,
  PriceCurve,
  RoundTrip,
  RunCounters,
  SessionOutcome,
  Statistics,
  StrategyOutcome,
} from './outcome.ts'
import type { StressOutcome } from './stress.ts'
import { summarize } from './summary.ts'

/** How a run went, beside its outcome. */
export interface RunFacts {
  /** Whether it was ended by its signal; the result covers what was done until then. */
  readonly aborted: boolean
  /** Steps taken: crossings between TypeScript and Rust. */
  readonly steps: number
  /** Rows whose handlers have run. */
  readonly rows: number
  /** Wall time of the run. */
  readonly seconds: number
}

/** One fill. */
export interface FillRow {
  /** Exchange time, milliseconds since 1970. */
  readonly time: number
  readonly strategy: string
  /** Order number within the strategy; 0 is the close at the end. */
  readonly order: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly quantity: number
  readonly liquidity: 'maker' | 'taker'
  /** What it rests on: taken, or of a resting order the touch, the queue, or a market that went through its price. */
  readonly basis: FillBasis
  readonly fee: number
  /** Profit that it realised, gross of fees. */
  readonly realized: number
  /** Position of its account afterwards. */
  readonly position: number
}

/** One order as it ended. */
export interface OrderRow {
  /** Submission, milliseconds since 1970. */
  readonly time: number
  readonly strategy: string
  readonly order: number
  readonly symbol: string
  readonly side: 'buy' | 'sell'
  readonly type: OrderType
  readonly price: number | null
  readonly quantity: number
  readonly filled: number
  readonly status: string
  /** Code of the refusal, if any. */
  readonly reason: string | null
}

/** Cash that no fill brought. */
export interface CashEventRow {
  /** When, at the venue, milliseconds since 1970. */
  readonly time: number
  readonly kind: 'dividend' | 'funding' | 'borrow' | 'split'
  /** The account: of its strategy, or `shared`. */
  readonly account: string
  readonly symbol: string
  /** The position that it was for, short below zero. */
  readonly quantity: number
  /** Dividend: money a unit. Funding and borrow: the mark. Split: the price after it at which the fraction is paid. */
  readonly price: number
  /** What came, below zero what was paid; of a split for the fraction of a lot, a part of realised profit. */
  readonly amount: number
}

/** What a fill rests on. */
export type FillBasis = 'taken' | 'touch' | 'queue' | 'through'

const fillBases: readonly FillBasis[] = ['taken', 'touch', 'queue', 'through']

/** An account that fell below its maintenance margin: its orders were cancelled, its positions closed at market. */
export interface LiquidationRow extends Omit<Liquidation, 'account'> {
  /** The account: of its strategy, or `shared`. */
  readonly account: string
}

/** What can be drawn as an Arrow table. */
export type TableName = 'fills' | 'orders' | 'roundTrips' | 'equity'

/** The result of a run. */
export class BacktestResult {
  /** SHA-256 over every order transition, fill and account change: equal hashes are equal runs. */
  readonly stateHash: string
  /** Key figures over all accounts. */
  readonly figures: Figures
  /** Statistics of session returns and round trips; a `null` has its reason in `unavailable`. */
  readonly stats: Statistics
  /** One entry per strategy, with its positions. */
  readonly strategies: readonly StrategyOutcome[]
  /** Round trips, flat to flat, with MAE and MFE; one that is open at the end is marked so. */
  readonly roundTrips: readonly RoundTrip[]
  /** Equity curves, one per account. */
  readonly equity: readonly EquityCurve[]
  /** Price and position curves, one per instrument. */
  readonly prices: readonly PriceCurve[]
  /** What each session brought. */
  readonly sessions: readonly SessionOutcome[]
  /** The models that produced the result, by name, in words. */
  readonly models: Readonly<Record<string, string>>
  /** What a reader must know before believing the figures. */
  readonly notes: readonly string[]
  /** What was read. */
  readonly counters: RunCounters
  /** Logs, metrics, plots and indicators, by strategy. */
  readonly records: readonly StrategyRecords[]
  /** The completed configuration, all defaults written out. */
  readonly configuration: NativeRunConfiguration
  /** How the run went. */
  readonly facts: RunFacts
  /** The outcome as the engine told it. */
  readonly outcome: Outcome
  /** What the run was asked beside its result ({@link RunControl.trace}), else null. */
  readonly explanation: Explanation | null

  private readonly stressed: StressOutcome[] = []

  /** Made by {@link Backtest.run}. */
  constructor(
    outcome: Outcome,
    records: readonly StrategyRecords[],
    configuration: NativeRunConfiguration,
    facts: RunFacts,
    explanation: Explanation | null = null,
  ) {
    this.outcome = outcome
    this.stateHash = outcome.stateHash
    this.figures = outcome.figures
    this.stats = outcome.summary
    this.strategies = outcome.strategies
    this.roundTrips = outcome.roundTrips
    this.equity = outcome.equity
    this.prices = outcome.prices
    this.sessions = outcome.sessions
    this.models = Object.fromEntries(outcome.models)
    this.counters = outcome.counters
    this.records = records
    this.configuration = configuration
    this.facts = facts
    this.notes = [
      ...(facts.aborted ? ['stopped early: covers what was done until then'] : []),
      ...outcome.notes,
      ...honestyNotes(this.honesty),
    ]
    this.explanation = explanation
  }

  /** Sets runs under harder conditions beside this one: `tickforge run --stress` does. */
  addStress(outcome: StressOutcome): void {
    this.stressed.push(outcome)
  }

  /** Runs under harder conditions, where some were made. */
  get stress(): readonly StressOutcome[] {
    return this.stressed
  }

  /** What the result rests on: participation in recorded volume, displaced volume, share of makers. */
  get honesty(): Honesty {
    return honestyOf(this.outcome, this.configuration.venue.queueCalibration ?? null)
  }

  /** Accounts that fell below their maintenance margin, in time order. */
  get liquidations(): LiquidationRow[] {
    return (this.outcome.liquidations ?? []).map(row => ({ ...row, account: this.equity[row.account]!.name }))
  }

  /** Dividends, funding and borrow, in time order: cash that no fill brought. */
  get cashEvents(): CashEventRow[] {
    const { time, kind, account, instrument, quantity, price, amount } = this.outcome.cash
    return time.map((at, row) => ({
      time: at,
      kind: kind[row]!,
      account: this.equity[account[row]!]!.name,
      symbol: this.symbol(instrument[row]!),
      quantity: quantity[row]!,
      price: price[row]!,
      amount: amount[row]!,
    }))
  }

  /** All fills, in time order. */
  get fills(): FillRow[] {
    const table = this.outcome.fills
    return table.time.map((time, at) => ({
      time,
      strategy: this.strategyName(table.strategy[at]!),
      order: table.order[at]!,
      symbol: this.symbol(table.instrument[at]!),
      side: table.side[at] === 0 ? 'buy' : 'sell',
      price: table.price[at]!,
      quantity: table.quantity[at]!,
      liquidity: table.liquidity[at] === 0 ? 'maker' : 'taker',
      basis: fillBases[table.basis[at]!]!,
      fee: table.fee[at]!,
      realized: table.realized[at]!,
      position: table.position[at]!,
    }))
  }

  /** The same as {@link BacktestResult.fills}: the field's other word. */
  get trades(): FillRow[] {
    return this.fills
  }

  /** All orders as they ended, by submission. */
  get orders(): OrderRow[] {
    const table = this.outcome.orders
    return table.time.map((time, at) => ({
      time,
      strategy: this.strategyName(table.strategy[at]!),
      order: table.order[at]!,
      symbol: this.symbol(table.instrument[at]!),
      side: table.side[at] === 0 ? 'buy' : 'sell',
      type: orderTypes[table.kind[at]!]!,
      price: table.price[at]!,
      quantity: table.quantity[at]!,
      filled: table.filled[at]!,
      status: table.status[at]!,
      reason: table.reason[at]!,
    }))
  }

  /** The result in words, a few dozen lines. */
  summary(): string {
    return summarize(this)
  }

  /** Everything but the curves as one JSON document. */
  toJSON(): Record<string, unknown> {
    const { fills, orders, equity, prices, ...rest } = this.outcome
    return {
      ...rest,
      notes: this.notes,
      fills: fills.time.length,
      orders: orders.time.length,
      honesty: this.honesty,
      stress: this.stress,
      facts: this.facts,
      metrics: this.records.flatMap(({ strategy, metrics }) => metrics.map(metric => ({ strategy, ...metric }))),
      configuration: this.configuration,
    }
  }

  /** Writes the report: one HTML file that opens offline. It appears by rename. */
  async writeReport(path: string): Promise<void> {
    const { reportData } = await import('./report-data.ts')
    const { writeReport } = await import('../report/index.ts')
    await writeReport(path, reportData(this))
  }

  /** What differs from another result: figures, and the first fill in which the two part. */
  async compare(other: BacktestResult): Promise<Comparison> {
    const { reportData } = await import('./report-data.ts')
    const { compareResults } = await import('../report/index.ts')
    return compareResults(reportData(this), reportData(other))
  }

  /** A table as Arrow: what notebooks and other tools take without a copy of their own. */
  async toArrow(table: TableName = 'fills'): Promise<Table> {
    const { tableFromJSON } = await import('apache-arrow')
    switch (table) {
      case 'fills':
        return tableFromJSON(this.fills.map(row => ({ ...row })))
      case 'orders':
        return tableFromJSON(this.orders.map(row => ({ ...row })))
      case 'roundTrips':
        return tableFromJSON(this.roundTrips.map(trip => ({ ...trip })))
      case 'equity':
        return tableFromJSON(
          this.equity.flatMap(({ name, time, equity, cash }) =>
            time.map((at, index) => ({ name, time: at, equity: equity[index]!, cash: cash[index]! })),
          ),
        )
    }
  }

  /** Fills as columns: what large results are read from. */
  get fillTable(): FillTable {
    return this.outcome.fills
  }

  /** Orders as columns. */
  get orderTable(): OrderTable {
    return this.outcome.orders
  }

  private strategyName(index: number): string {
    return this.outcome.strategies[index]?.name ?? ''
  }

  private symbol(index: number): string {
    return this.outcome.instruments[index]?.symbol ?? ''
  }
}
