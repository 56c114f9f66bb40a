/** The memory that a run shares with the engine: one block, event columns, command columns, view tables. */
import { TickforgeError } from '../errors.ts'
import type { NativeRunDescription } from '../native/binding.ts'
import {
  COMMAND,
  COMMAND_COLUMNS_SIZE,
  COMMANDS,
  EVENT,
  EVENT_COLUMNS_SIZE,
  LAYOUT_VERSION,
  ROWS,
  VIEW_TABLE_SIZE,
} from '../native/layout.ts'

/** Kinds of rows. */
export const RowKind = {
  start: 0,
  trade: 1,
  quote: 2,
  depth: 3,
  bar: 4,
  timer: 5,
  order: 6,
  fill: 7,
  stop: 8,
  cash: 9,
} as const

/** Bits of a row's flags. */
export const RowFlag = { aggressorBuy: 1, aggressorSell: 2, warmUp: 4, sliceEnd: 8 } as const

/** Kinds of commands. */
export const CommandKind = {
  submit: 1,
  modify: 2,
  cancel: 3,
  cancelAll: 4,
  setTimer: 5,
  cancelTimer: 6,
  subscribe: 7,
  unsubscribe: 8,
  stop: 9,
} as const

/** Bits of a command's flags. */
export const CommandFlag = {
  sell: 1,
  limit: 2,
  ioc: 4,
  fok: 8,
  postOnly: 16,
  sizeAtFill: 32,
  cash: 64,
  fraction: 128,
  target: 256,
  risk: 512,
  quotes: 1024,
  terms: 2048,
  marketToLimit: 4096,
  parent: 8192,
  gtd: 16384,
  day: 32768,
  atOpen: 65536,
  atClose: 131072,
} as const

/** Bits of a command's rarer terms; source, children and peers begin at their shifts. */
export const TermFlag = {
  reduceOnly: 1,
  stop: 2,
  ifTouched: 4,
  trailPrice: 8,
  trailBps: 16,
  trailLimit: 32,
  ouo: 64,
  sourceShift: 8,
  childrenShift: 16,
  peersShift: 24,
} as const

/** A command's instrument when it means all of them. */
export const allInstruments = 0xffff_ffff

/** The rows of a step, and the row whose handler runs. */
export class EventColumns {
  /** The row that every view reads. */
  row = 0
  readonly tsNanos: BigUint64Array
  readonly tsEvent: BigUint64Array
  readonly timeMs: Float64Array
  readonly bid: Float64Array
  readonly ask: Float64Array
  readonly bidSize: Float64Array
  readonly askSize: Float64Array
  readonly p0: Float64Array
  readonly p1: Float64Array
  readonly p2: Float64Array
  readonly p3: Float64Array
  readonly p4: Float64Array
  readonly p5: Float64Array
  readonly p6: Float64Array
  readonly p7: Float64Array
  readonly kind: Uint32Array
  readonly strategy: Uint32Array
  readonly instrument: Uint32Array
  readonly flags: Uint32Array
  readonly extra: Uint32Array
  readonly bidCount: Uint32Array
  readonly askCount: Uint32Array
  readonly orderStatus: Uint32Array
  private readonly heads: Uint32Array

  /** Columns at `offset` of `memory`. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    const words = (at: number): Float64Array => new Float64Array(memory, offset + at, ROWS)
    const halves = (at: number): Uint32Array => new Uint32Array(memory, offset + at, ROWS)
    this.tsNanos = new BigUint64Array(memory, offset + EVENT.tsNanos, ROWS)
    this.tsEvent = new BigUint64Array(memory, offset + EVENT.tsEvent, ROWS)
    this.timeMs = words(EVENT.timeMs)
    this.bid = words(EVENT.bid)
    this.ask = words(EVENT.ask)
    this.bidSize = words(EVENT.bidSize)
    this.askSize = words(EVENT.askSize)
    this.p0 = words(EVENT.p0)
    this.p1 = words(EVENT.p1)
    this.p2 = words(EVENT.p2)
    this.p3 = words(EVENT.p3)
    this.p4 = words(EVENT.p4)
    this.p5 = words(EVENT.p5)
    this.p6 = words(EVENT.p6)
    this.p7 = words(EVENT.p7)
    this.kind = halves(EVENT.kind)
    this.strategy = halves(EVENT.strategy)
    this.instrument = halves(EVENT.instrument)
    this.flags = halves(EVENT.flags)
    this.extra = halves(EVENT.extra)
    this.bidCount = halves(EVENT.bidCount)
    this.askCount = halves(EVENT.askCount)
    this.orderStatus = halves(EVENT.orderStatus)
    this.heads = new Uint32Array(memory, offset + EVENT.rows, 1)
  }

  /** Rows of the step. */
  get rows(): number {
    return this.heads[0]!
  }
}

/** The rarer terms of an order. */
export interface CommandTerms {
  /** Bits of {@link TermFlag}. */
  flags: number
  /** Trigger price; NaN for none. */
  trigger: number
  /** Offset of a trailing stop: a price, or basis points. */
  trail: number
  /** Ticks from a trailing stop to its limit. */
  limitOffset: number
  /** Lots that are shown; 0 shows all. */
  display: number
  /** Number of the parent, or 0. */
  parent: number
  /** Number of the first peer, or 0. */
  group: number
  /** End of a good-till-date order, ns since 1970, or 0. */
  expires: bigint
}

/** What the handlers of a step want done. */
export class CommandColumns {
  /** Commands written since the last step. */
  count = 0
  private readonly number: Float64Array
  private readonly price: Float64Array
  private readonly amount: Float64Array
  private readonly at: BigUint64Array
  private readonly atNumber: Float64Array
  private readonly every: BigUint64Array
  private readonly kind: Uint32Array
  private readonly strategy: Uint32Array
  private readonly instrument: Uint32Array
  private readonly flags: Uint32Array
  private readonly terms: Uint32Array
  private readonly trigger: Float64Array
  private readonly trail: Float64Array
  private readonly limitOffset: Float64Array
  private readonly display: Float64Array
  private readonly parent: Float64Array
  private readonly group: Float64Array
  private readonly heads: Uint32Array

  /** Columns at `offset` of `memory`. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    const words = (at: number): Float64Array => new Float64Array(memory, offset + at, COMMANDS)
    const halves = (at: number): Uint32Array => new Uint32Array(memory, offset + at, COMMANDS)
    this.number = words(COMMAND.number)
    this.price = words(COMMAND.price)
    this.amount = words(COMMAND.amount)
    this.at = new BigUint64Array(memory, offset + COMMAND.at, COMMANDS)
    this.atNumber = words(COMMAND.at)
    this.every = new BigUint64Array(memory, offset + COMMAND.every, COMMANDS)
    this.kind = halves(COMMAND.kind)
    this.strategy = halves(COMMAND.strategy)
    this.instrument = halves(COMMAND.instrument)
    this.flags = halves(COMMAND.flags)
    this.terms = halves(COMMAND.terms)
    this.trigger = words(COMMAND.trigger)
    this.trail = words(COMMAND.trail)
    this.limitOffset = words(COMMAND.limitOffset)
    this.display = words(COMMAND.display)
    this.parent = words(COMMAND.parent)
    this.group = words(COMMAND.group)
    this.heads = new Uint32Array(memory, offset + COMMAND.count, 4)
    this.heads[2] = LAYOUT_VERSION
  }

  /**
   * Room for so many more commands.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_TOO_MANY` when one row gives more than fit
   */
  reserve(commands = 1): void {
    if (this.count + commands <= COMMANDS) return
    throw new TickforgeError('ERR_ORDER_TOO_MANY', `more than ${COMMANDS} commands at one row`, {
      details: { accepted: `at most ${COMMANDS} orders, changes, cancels and timers from the handlers of one row` },
    })
  }

  /** Writes a command. `number` is the order's or timer's; `stop` the stop price of a risk target. */
  write(
    kind: number,
    strategy: number,
    instrument: number,
    number: number,
    flags: number,
    amount: number,
    price: number,
    stop: number,
  ): void {
    const at = this.count
    this.kind[at] = kind
    this.strategy[at] = strategy
    this.instrument[at] = instrument
    this.number[at] = number
    this.flags[at] = flags
    this.amount[at] = amount
    this.price[at] = price
    this.atNumber[at] = stop
    this.count = at + 1
  }

  /** Adds the rarer terms to the command that was written last. */
  writeTerms(terms: CommandTerms): void {
    const at = this.count - 1
    this.terms[at] = terms.flags
    this.trigger[at] = terms.trigger
    this.trail[at] = terms.trail
    this.limitOffset[at] = terms.limitOffset
    this.display[at] = terms.display
    this.parent[at] = terms.parent
    this.group[at] = terms.group
    if (terms.expires !== 0n) this.at[at] = terms.expires
  }

  /** Adds a new trigger price to the change that was written last. */
  writeTrigger(price: number): void {
    this.trigger[this.count - 1] = price
  }

  /** Writes a timer: first time and period in nanoseconds. */
  writeTimer(strategy: number, id: number, first: bigint, period: bigint): void {
    const at = this.count
    this.write(CommandKind.setTimer, strategy, 0, id, 0, 0, 0, 0)
    this.at[at] = first
    this.every[at] = period
  }

  /** Tells the engine what was done with the step, and begins the next. */
  finishStep(consumed: number): void {
    this.heads[0] = this.count
    this.heads[1] = consumed
    this.count = 0
  }

  /** Asks the engine to end the run. */
  abort(): void {
    this.heads[3] = 1
  }
}

/** The memory of one run. */
export interface RunMemory {
  readonly events: EventColumns
  readonly commands: CommandColumns
  /** All view tables as numbers; see {@link VIEW_TABLE_SIZE}. */
  readonly views: Float64Array
  /** The three parts as the engine takes them. */
  readonly parts: readonly [Uint8Array, Uint8Array, Uint8Array]
}

const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

/**
 * Allocates the memory of a run, once layout and sizes of both sides agree.
 *
 * @throws {@link TickforgeError} `ERR_NATIVE_LAYOUT` when addon and package are of different builds
 */
export function allocateMemory(run: NativeRunDescription): RunMemory {
  const tables = run.strategies.length * run.instruments.length
  const found = [run.layoutVersion, run.eventBytes, run.commandBytes, run.viewBytes]
  const expected = [LAYOUT_VERSION, EVENT_COLUMNS_SIZE, COMMAND_COLUMNS_SIZE, VIEW_TABLE_SIZE * tables]
  if (found.some((value, index) => value !== expected[index])) {
    throw new TickforgeError(
      'ERR_NATIVE_LAYOUT',
      `the native addon lays out its memory as ${found.join('/')}, this package as ${expected.join('/')}; run \`npm run build\``,
      { details: { found, expected } },
    )
  }
  const commandsAt = aligned(EVENT_COLUMNS_SIZE)
  const viewsAt = commandsAt + aligned(COMMAND_COLUMNS_SIZE)
  const memory = new SharedArrayBuffer(viewsAt + aligned(run.viewBytes))
  return {
    events: new EventColumns(memory, 0),
    commands: new CommandColumns(memory, commandsAt),
    views: new Float64Array(memory, viewsAt, run.viewBytes / 8),
    parts: [
      new Uint8Array(memory, 0, EVENT_COLUMNS_SIZE),
      new Uint8Array(memory, commandsAt, COMMAND_COLUMNS_SIZE),
      new Uint8Array(memory, viewsAt, run.viewBytes),
    ],
  }
}
