/** An engine made of a script: rows in, commands out, through the same memory as the real one. */
import type {
  NativeInstrumentTerms,
  NativeRun,
  NativeRunDescription,
  NativeStrategySetup,
} from '../src/native/binding.ts'
import {
  COMMAND,
  COMMAND_COLUMNS_SIZE,
  EVENT,
  EVENT_COLUMNS_SIZE,
  LAYOUT_VERSION,
  VIEW,
  VIEW_TABLE_SIZE,
} from '../src/native/layout.ts'
import { RowKind } from '../src/strategy/columns.ts'
import { type DriveOptions, type DriveOutcome, Driver, type DriverOptions } from '../src/strategy/driver.ts'
import { resolveNeeds } from '../src/strategy/needs.ts'
import type { Strategy } from '../src/strategy/strategy.ts'

/** One row, by column. `time` is in milliseconds. */
export interface Row {
  kind: keyof typeof RowKind
  time?: number
  strategy?: number
  instrument?: number
  bid?: number
  ask?: number
  bidSize?: number
  askSize?: number
  bidCount?: number
  askCount?: number
  p?: number[]
  flags?: number
  extra?: number
  status?: number
  /** Is called when the row is written: to change view tables. */
  before?: (run: FakeRun) => void
}

/** One command as the engine reads it. */
export interface Command {
  kind: number
  strategy: number
  instrument: number
  number: number
  flags: number
  amount: number
  price: number
  at: bigint
  stop: number
  every: bigint
}

/** Terms of an equity with a tick of 0.01, unless told otherwise. */
export function terms(symbol: string, change: Partial<NativeInstrumentTerms> = {}): NativeInstrumentTerms {
  return {
    symbol,
    kind: 'equity',
    tickSize: '0.01',
    lotSize: '1',
    multiplier: '1',
    currency: 'USD',
    venue: '',
    origin: 'configuration',
    ...change,
  }
}

/** The scripted engine. */
export class FakeRun implements NativeRun {
  readonly description: NativeRunDescription
  /** Commands by step. */
  readonly steps: { consumed: number; commands: Command[] }[] = []
  /** Rows still to come. */
  queue: Row[]
  /** Most rows of a step. */
  stepRows = 128
  /** Answers commands by putting rows in front of the others. */
  answer: (commands: Command[], run: FakeRun) => void = () => {}
  /** Steps that come back without a row before the script begins. */
  emptySteps = 0
  failure: string | null = null
  aborted = false
  events!: DataView
  commands!: DataView
  views!: DataView
  private shown = 0

  constructor(instruments: NativeInstrumentTerms[], strategies: NativeStrategySetup[], rows: Row[]) {
    this.description = {
      instruments,
      strategies,
      eventBytes: EVENT_COLUMNS_SIZE,
      commandBytes: COMMAND_COLUMNS_SIZE,
      viewBytes: VIEW_TABLE_SIZE * instruments.length * strategies.length,
      layoutVersion: LAYOUT_VERSION,
      currency: 'USD',
      balances: { USD: 1000 },
      rates: [],
    }
    this.queue = rows
  }

  /** All commands. */
  get all(): Command[] {
    return this.steps.flatMap(step => step.commands)
  }

  describe(): string {
    return JSON.stringify(this.description)
  }

  attach(events: Uint8Array, commands: Uint8Array, views: Uint8Array): () => number | undefined {
    const view = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
      new DataView(buffer, byteOffset, byteLength)
    this.events = view(events)
    this.commands = view(commands)
    this.views = view(views)
    return () => this.advance()
  }

  error(): string | null {
    return this.failure
  }

  progress(): number {
    return 0.5
  }

  finish(): string {
    return '{}'
  }

  setTrace(): void {}

  explain(): string {
    return 'null'
  }

  close(): void {}

  /** Writes best prices of a view table. */
  setView(table: number, field: keyof typeof VIEW, value: number, index = 0): void {
    this.views.setFloat64(table * VIEW_TABLE_SIZE + VIEW[field] + index * 8, value, true)
  }

  private advance(): number | undefined {
    this.takeCommands()
    if (this.failure !== null) return 2
    if (this.emptySteps > 0) {
      this.emptySteps -= 1
      return 0
    }
    if (this.queue.length === 0) return 1
    this.shown = Math.min(this.stepRows, this.queue.length)
    for (let row = 0; row < this.shown; row++) this.write(row, this.queue[row]!)
    this.events.setUint32(EVENT.rows, this.shown, true)
    return undefined
  }

  private takeCommands(): void {
    const { commands } = this
    const count = commands.getUint32(COMMAND.count, true)
    const consumed = commands.getUint32(COMMAND.consumed, true)
    if (this.shown > 0) {
      const list = Array.from(
        { length: count },
        (_, at): Command => ({
          kind: commands.getUint32(COMMAND.kind + at * 4, true),
          strategy: commands.getUint32(COMMAND.strategy + at * 4, true),
          instrument: commands.getUint32(COMMAND.instrument + at * 4, true),
          flags: commands.getUint32(COMMAND.flags + at * 4, true),
          number: commands.getFloat64(COMMAND.number + at * 8, true),
          amount: commands.getFloat64(COMMAND.amount + at * 8, true),
          price: commands.getFloat64(COMMAND.price + at * 8, true),
          stop: commands.getFloat64(COMMAND.at + at * 8, true),
          at: commands.getBigUint64(COMMAND.at + at * 8, true),
          every: commands.getBigUint64(COMMAND.every + at * 8, true),
        }),
      )
      this.queue.splice(0, consumed)
      this.shown = 0
      this.steps.push({ consumed, commands: list })
      this.answer(list, this)
    }
    commands.setUint32(COMMAND.count, 0, true)
    commands.setUint32(COMMAND.consumed, 0, true)
    if (commands.getUint32(COMMAND.abort, true) !== 0 && !this.aborted) {
      this.aborted = true
      this.queue = this.queue.filter(row => row.kind === 'stop')
    }
  }

  private write(at: number, row: Row): void {
    const { events } = this
    const number = (column: keyof typeof EVENT, value: number): void =>
      events.setFloat64(EVENT[column] + at * 8, value, true)
    const whole = (column: keyof typeof EVENT, value: number): void =>
      events.setUint32(EVENT[column] + at * 4, value, true)
    row.before?.(this)
    const time = row.time ?? 0
    events.setBigUint64(EVENT.tsNanos + at * 8, BigInt(Math.round(time * 1e6)), true)
    events.setBigUint64(EVENT.tsEvent + at * 8, BigInt(Math.round(time * 1e6)), true)
    number('timeMs', time)
    number('bid', row.bid ?? Number.NaN)
    number('ask', row.ask ?? Number.NaN)
    number('bidSize', row.bidSize ?? 0)
    number('askSize', row.askSize ?? 0)
    for (const [index, column] of (['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'] as const).entries()) {
      number(column, row.p?.[index] ?? 0)
    }
    whole('kind', RowKind[row.kind])
    whole('strategy', row.strategy ?? 0)
    whole('instrument', row.instrument ?? 0)
    whole('flags', row.flags ?? 0)
    whole('extra', row.extra ?? 0)
    whole('bidCount', row.bidCount ?? 0)
    whole('askCount', row.askCount ?? 0)
    whole('orderStatus', row.status ?? 0xffff_ffff)
  }
}

/** A row of a trade. */
export function trade(time: number, price: number, quantity = 1, change: Partial<Row> = {}): Row {
  return { kind: 'trade', time, bid: price - 0.01, ask: price + 0.01, p: [price, quantity], flags: 1, ...change }
}

/** A row of a bar that closes at `time`; open, high and low follow from the close. */
export function bar(time: number, close: number, change: Partial<Row> = {}): Row {
  return { kind: 'bar', time, p: [close - 1, close + 2, close - 2, close, 10, time - 60_000, time], ...change }
}

/** What a report row tells; quantities and money as a person reads them. */
export interface Told {
  kind: 'denied' | 'accepted' | 'rejected' | 'filled' | 'modified' | 'modifyRejected' | 'canceled' | 'cancelRejected'
  order: number
  /** Reason, or side | liquidity << 1. */
  detail?: number
  price?: number
  quantity?: number
  leaves?: number
  fee?: number
  position?: number
  cash?: number
  average?: number
  status?: number
}

const reportNumbers = [
  'denied',
  'accepted',
  'rejected',
  'filled',
  'modified',
  'modifyRejected',
  'canceled',
  'cancelRejected',
]

/** A row of a report. */
export function report(time: number, told: Told, change: Partial<Row> = {}): Row {
  const { price = Number.NaN, quantity = 0, leaves = 0, fee = 0, position = 0, cash = 0 } = told
  return {
    kind: told.kind === 'filled' ? 'fill' : 'order',
    time,
    p: [price, quantity, leaves, fee, position, cash, told.average ?? Number.NaN, told.order],
    extra: reportNumbers.indexOf(told.kind) | ((told.detail ?? 0) << 8),
    ...(told.status === undefined ? {} : { status: told.status }),
    ...change,
  }
}

/** A run of strategies over a script. */
export interface Script {
  strategies: Strategy[]
  rows: Row[]
  instruments?: NativeInstrumentTerms[]
  /** Indices of the instruments that each strategy sees; all of them by default. */
  seen?: number[][]
  options?: Partial<DriverOptions>
  prepare?: (run: FakeRun) => void
}

/** Sets a script up. */
export function setUp(script: Script): { run: FakeRun; driver: Driver } {
  const instruments = script.instruments ?? [terms('AAA')]
  const needs = script.strategies.map((strategy, index) => resolveNeeds(strategy, `s${index}`))
  const setups = needs.map(
    ({ native }, index): NativeStrategySetup => ({
      name: `s${index}`,
      instruments: script.seen?.[index] ?? instruments.map((_, at) => at),
      bars: native.bars,
      depth: native.depth,
      trades: native.trades,
      quotes: native.quotes,
    }),
  )
  const run = new FakeRun(instruments, setups, script.rows)
  script.prepare?.(run)
  const driver = new Driver(run, {
    strategies: script.strategies.map((strategy, index) => ({
      strategy,
      aliases: needs[index]!.aliases,
      warmupBars: needs[index]!.native.warmupBars,
    })),
    ...script.options,
  })
  return { run, driver }
}

/** Runs a script to its end. */
export async function play(
  script: Script,
  options: DriveOptions = {},
): Promise<{ run: FakeRun; driver: Driver; outcome: DriveOutcome }> {
  const { run, driver } = setUp(script)
  const outcome = await driver.drive(options)
  return { run, driver, outcome }
}
