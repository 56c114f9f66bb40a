/** A full matching engine for one instrument. */
import { type Decimal, decimalText } from '../backtest/configuration-values.ts'
import { TickforgeError } from '../errors.ts'
import { guarded, nativeBinding } from '../native/binding.ts'
import { Instrument } from '../strategy/instrument.ts'
import { checkOptions, refusedOption } from '../strategy/order-refusals.ts'

/** Events of the addon: two ids and {@link width} numbers each. */
interface NativeMatchEvents {
  readonly ids: BigUint64Array
  readonly numbers: Float64Array
}

interface NativeMatchingEngine {
  apply(
    kind: Uint8Array,
    id: BigUint64Array,
    participant: Uint32Array,
    side: Uint8Array,
    price: Float64Array,
    quantity: Float64Array,
    display: Float64Array,
    terms: Uint8Array,
  ): NativeMatchEvents
  massCancel(participant: number): NativeMatchEvents
  setPhase(phase: number): NativeMatchEvents
  phase(): number
  uncross(reference: number): NativeMatchEvents
  indication(reference: number): Float64Array
  depth(side: number, levels: number): Float64Array
  orders(side: number): string
  leaves(id: bigint): number
  lastPrice(): number
}

interface MatchingBinding {
  readonly NativeMatchingEngine: new (settings: string) => NativeMatchingEngine
}

/** An order's id: a number up to 2^53 - 1, or a bigint up to 2^64 - 1. Numbers come back as numbers. */
export type MatchOrderId = number | bigint

/** Who at a price gets how much of an order that takes. */
export type MatchAllocation =
  | 'priceTime'
  | {
      readonly proRata: {
        /** Whether the order that bettered the market is filled first. @default true */
        readonly top?: boolean
        /** Smallest share in lots; smaller ones go first in, first out. @default 2 */
        readonly least?: number
      }
    }
  | {
      readonly leadMarketMakers: {
        /** Whether the order that bettered the market is filled first. @default true */
        readonly top?: boolean
        /** Makers in the order in which they are served; at most 50 percent together. */
        readonly makers: readonly { readonly participant: number; readonly percent: number }[]
      }
    }

/** What becomes of orders that would trade with their own participant. */
export type SelfTradePrevention = 'none' | 'cancelNewest' | 'cancelOldest' | 'cancelBoth' | 'decrementAndCancel'

/** What the market does. */
export type MarketPhase = 'continuous' | 'auction' | 'halted' | 'closed'

/** Options of a {@link MatchingEngine}. */
export interface MatchingEngineOptions {
  /** Smallest price step. */
  readonly tickSize: Decimal
  /** Smallest quantity step. @default 1 */
  readonly lotSize?: Decimal
  /** @default 'priceTime' */
  readonly allocation?: MatchAllocation
  /** @default 'none' */
  readonly selfTradePrevention?: SelfTradePrevention
  /** Whether a halt takes orders and changes, without matching them, or cancels only. @default false */
  readonly ordersDuringHalt?: boolean
}

/** A new order. */
export interface MatchOrder {
  readonly id: MatchOrderId
  /** Who gives it: a whole number below 2^32. */
  readonly participant: number
  readonly side: 'buy' | 'sell'
  readonly quantity: number
  /** Its limit; an order without one executes at any price. */
  readonly price?: number
  /** `'auction'`: for the next auction only. @default 'GTC' */
  readonly timeInForce?: 'GTC' | 'IOC' | 'FOK' | 'DAY' | 'auction'
  /** Rejected instead of trading on arrival. @default false */
  readonly postOnly?: boolean
  /** An iceberg: how much of it is shown. */
  readonly display?: number
}

/** What happened. `command` is the place of the command in its batch, 0 for a single one. */
export type MatchEvent = { readonly command: number } & (
  | { readonly kind: 'accepted'; readonly id: MatchOrderId }
  | { readonly kind: 'rejected'; readonly id: MatchOrderId; readonly code: string }
  | {
      readonly kind: 'traded'
      /** The order that rested; in an auction the sale. */
      readonly maker: MatchOrderId
      /** The order that came; in an auction the purchase. */
      readonly taker: MatchOrderId
      readonly price: number
      readonly quantity: number
      readonly makerLeaves: number
      readonly takerLeaves: number
    }
  | {
      readonly kind: 'modified'
      readonly id: MatchOrderId
      readonly price: number
      readonly leaves: number
      readonly keptPriority: boolean
    }
  | {
      readonly kind: 'canceled'
      readonly id: MatchOrderId
      readonly quantity: number
      readonly leaves: number
      readonly cause: 'requested' | 'noLiquidity' | 'selfTrade' | 'expired'
    }
  | { readonly kind: 'uncrossed'; readonly price: number; readonly quantity: number }
)

/** An order that rests, as it is shown. */
export interface RestingOrder {
  readonly id: MatchOrderId
  readonly participant: number
  readonly price: number
  /** What is shown of it. */
  readonly quantity: number
}

/** What an auction would do now. */
export interface AuctionIndication {
  readonly price: number
  readonly quantity: number
  /** What buyers (above zero) or sellers (below) would be left with. */
  readonly surplus: number
}

/** Commands of a batch, as columns of one length. */
export interface MatchCommands {
  /** 1 new, 2 cancel, 3 modify: see {@link MatchCommand}. */
  readonly kind: Uint8Array
  readonly id: BigUint64Array
  readonly participant: Uint32Array
  /** 0 buy, 1 sell; only a new order reads it. */
  readonly side: Uint8Array
  /** Prices; NaN in a new order is any price. A cancel does not read it. */
  readonly price: Float64Array
  /** Quantities. A cancel does not read it. */
  readonly quantity: Float64Array
}

/** What a command of a batch does. */
export const MatchCommand: { readonly submit: 1; readonly cancel: 2; readonly modify: 3 } = {
  submit: 1,
  cancel: 2,
  modify: 3,
}

const width = 7
const refusals = [
  'ERR_MATCHING_DUPLICATE_ORDER',
  'ERR_MATCHING_UNKNOWN_ORDER',
  'ERR_MATCHING_NOT_OWNER',
  'ERR_MATCHING_QUANTITY',
  'ERR_MATCHING_PRICE',
  'ERR_MATCHING_WOULD_TRADE',
  'ERR_MATCHING_PHASE',
  'ERR_MATCHING_TERMS',
  'ERR_MATCHING_FULL',
] as const
const causes = ['requested', 'noLiquidity', 'selfTrade', 'expired'] as const
const phases: readonly MarketPhase[] = ['continuous', 'auction', 'halted', 'closed']
const forces = ['GTC', 'IOC', 'FOK', 'DAY', 'auction'] as const
const preventions: readonly SelfTradePrevention[] = [
  'none',
  'cancelNewest',
  'cancelOldest',
  'cancelBoth',
  'decrementAndCancel',
]
const optionKeys = ['tickSize', 'lotSize', 'allocation', 'selfTradePrevention', 'ordersDuringHalt'] as const
const orderKeys = ['id', 'participant', 'side', 'quantity', 'price', 'timeInForce', 'postOnly', 'display'] as const

/**
 * A full matching engine for one instrument: many participants, one book. What the venue refuses is an event
 * (`rejected` with a code); what no order can be throws at the call.
 *
 * @example
 * ```ts
 * const engine = new MatchingEngine({ tickSize: 0.25 })
 * engine.submit({ id: 1, participant: 1, side: 'sell', price: 4810.25, quantity: 5 })
 * const events = engine.submit({ id: 2, participant: 2, side: 'buy', quantity: 3 })
 * events.map(event => event.kind) // → [ 'accepted', 'traded' ]
 * engine.depth(1).asks // → [ { price: 4810.25, quantity: 2, count: 1 } ]
 * ```
 */
export class MatchingEngine {
  private readonly native: NativeMatchingEngine
  private readonly grid: Instrument
  // A single command goes through columns of one row.
  private readonly kind = new Uint8Array(1)
  private readonly id = new BigUint64Array(1)
  private readonly participant = new Uint32Array(1)
  private readonly side = new Uint8Array(1)
  private readonly price = new Float64Array(1)
  private readonly quantity = new Float64Array(1)
  private readonly display = new Float64Array(1)
  private readonly terms = new Uint8Array(1)

  /**
   * An empty book in continuous trading.
   *
   * @throws {@link TickforgeError} `ERR_CONFIG_DECIMAL`, `ERR_ORDER_OPTION`, `ERR_VENUE_SETTING`
   */
  constructor(options: MatchingEngineOptions) {
    checkOptions(options, 'MatchingEngine', optionKeys)
    const { allocation = 'priceTime', selfTradePrevention = 'none', ordersDuringHalt = false } = options
    if (!preventions.includes(selfTradePrevention)) {
      throw refusedOption('selfTradePrevention', selfTradePrevention, preventions.join(', '))
    }
    this.grid = new Instrument(
      {
        symbol: 'the book',
        kind: 'future',
        tickSize: decimalText(options.tickSize, 'tickSize'),
        lotSize: decimalText(options.lotSize ?? 1, 'lotSize'),
        multiplier: '1',
        currency: '',
        venue: '',
        origin: 'configuration',
      },
      0,
    )
    if (!(this.grid.tickSize > 0)) throw refusedOption('tickSize', options.tickSize, 'a number above 0')
    if (!(this.grid.lotSize > 0)) throw refusedOption('lotSize', options.lotSize, 'a number above 0')
    const settings = {
      ...allocationSettings(allocation),
      selfTrade: selfTradePrevention,
      ordersDuringHalt,
    }
    const { NativeMatchingEngine } = nativeBinding() as unknown as MatchingBinding
    this.native = guarded(() => new NativeMatchingEngine(JSON.stringify(settings)))
  }

  /**
   * A new order.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be
   */
  submit(order: MatchOrder): MatchEvent[] {
    checkOptions(order, 'submit', orderKeys)
    const { side, timeInForce = 'GTC', postOnly = false, price, display } = order
    if (side !== 'buy' && side !== 'sell') throw refusedOption('side', side, "'buy' or 'sell'")
    const force = forces.indexOf(timeInForce)
    if (force < 0) throw refusedOption('timeInForce', timeInForce, forces.join(', '))
    this.name(order.participant, order.id)
    this.kind[0] = MatchCommand.submit
    this.side[0] = side === 'sell' ? 1 : 0
    this.price[0] = price === undefined ? Number.NaN : this.grid.ticksOf(price)
    this.quantity[0] = this.grid.lotsOf(order.quantity)
    this.display[0] = display === undefined ? 0 : this.grid.lotsOf(display)
    this.terms[0] = force | (postOnly ? 16 : 0)
    return this.applyOne()
  }

  /** A cancel by the order's participant. */
  cancel(participant: number, id: MatchOrderId): MatchEvent[] {
    this.name(participant, id)
    this.kind[0] = MatchCommand.cancel
    return this.applyOne()
  }

  /**
   * A change by the order's participant: `quantity` is what it is for from now on. It keeps its place unless the
   * quantity grows or the price changes; at another price it may trade.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` for what no order can be
   */
  modify(
    participant: number,
    id: MatchOrderId,
    change: { readonly quantity: number; readonly price: number },
  ): MatchEvent[] {
    checkOptions(change, 'modify', ['quantity', 'price'])
    this.name(participant, id)
    this.kind[0] = MatchCommand.modify
    this.price[0] = this.grid.ticksOf(change.price)
    this.quantity[0] = this.grid.lotsOf(change.quantity)
    return this.applyOne()
  }

  /**
   * Many commands with one way across: GTC orders, cancels and changes.
   *
   * @throws {@link TickforgeError} `ERR_ORDER_…` naming the first row that is none; then nothing has been applied
   */
  apply(commands: MatchCommands): MatchEvent[] {
    const { kind, id, participant, side } = commands
    const rows = kind.length
    for (const [name, column] of Object.entries(commands)) {
      if (column.length !== rows) throw refusedOption(name, `${column.length} rows`, `${rows} rows, as kind has`)
    }
    const price = new Float64Array(rows)
    const quantity = new Float64Array(rows)
    for (let row = 0; row < rows; row += 1) {
      try {
        this.readRow(commands, row, price, quantity)
      } catch (error) {
        if (!(error instanceof TickforgeError)) throw error
        throw new TickforgeError(error.code, `row ${row}: ${error.message}`, { details: { ...error.details, row } })
      }
    }
    const none = new Float64Array(rows)
    return this.read(
      guarded(() => this.native.apply(kind, id, participant, side, price, quantity, none, new Uint8Array(rows))),
    )
  }

  private readRow(commands: MatchCommands, row: number, price: Float64Array, quantity: Float64Array): void {
    const kind = commands.kind[row]!
    if (kind < 1 || kind > 3) throw refusedOption('kind', kind, '1, 2 or 3')
    if (kind === MatchCommand.cancel) return
    if (commands.side[row]! > 1) throw refusedOption('side', commands.side[row], '0 or 1')
    const given = commands.price[row]!
    const anyPrice = Number.isNaN(given) && kind === MatchCommand.submit
    price[row] = anyPrice ? Number.NaN : this.grid.ticksOf(given)
    quantity[row] = this.grid.lotsOf(commands.quantity[row]!)
  }

  /** Cancels everything of a participant. */
  massCancel(participant: number): MatchEvent[] {
    return this.read(guarded(() => this.native.massCancel(checkParticipant(participant))))
  }

  /** Moves to another phase. To continuous trading the way leads through an uncrossing; a close ends day orders. */
  setPhase(phase: MarketPhase): MatchEvent[] {
    const number = phases.indexOf(phase)
    if (number < 0) throw refusedOption('phase', phase, phases.map(name => `'${name}'`).join(', '))
    return this.read(guarded(() => this.native.setPhase(number)))
  }

  /** The phase. */
  get phase(): MarketPhase {
    return phases[this.native.phase()]!
  }

  /** Price of the last trade; NaN before the first. */
  get lastPrice(): number {
    return this.grid.priceOf(this.native.lastPrice())
  }

  /**
   * Uncrosses an auction at the price of greatest volume and goes on to continuous trading. Ties go to the smallest
   * surplus, then to the side under pressure, then to the reference price: the last trade where none is given.
   */
  uncross(reference?: number): MatchEvent[] {
    const ticks = reference === undefined ? Number.NaN : this.grid.ticksOf(reference)
    return this.read(guarded(() => this.native.uncross(ticks)))
  }

  /** What {@link MatchingEngine.uncross} would do now; undefined where nothing would trade. */
  indication(reference?: number): AuctionIndication | undefined {
    const ticks = reference === undefined ? Number.NaN : this.grid.ticksOf(reference)
    const found = guarded(() => this.native.indication(ticks))
    if (found.length === 0) return undefined
    const { grid } = this
    return {
      price: grid.priceOf(found[0]!),
      quantity: grid.quantityOf(found[1]!),
      surplus: grid.quantityOf(found[2]!),
    }
  }

  /** The best `levels` levels of both sides as they are shown, best first. */
  depth(levels: number): { bids: MatchLevel[]; asks: MatchLevel[] } {
    if (!Number.isSafeInteger(levels) || levels < 0 || levels > 0xffff_ffff) {
      throw refusedOption('levels', levels, 'a whole number from 0')
    }
    const [bids, asks] = [0, 1].map(side => {
      const numbers = guarded(() => this.native.depth(side, levels))
      const out: MatchLevel[] = []
      for (let at = 0; at < numbers.length; at += 3) {
        const [price, quantity, count] = [numbers[at]!, numbers[at + 1]!, numbers[at + 2]!]
        out.push({ price: this.grid.priceOf(price), quantity: this.grid.quantityOf(quantity), count })
      }
      return out
    })
    return { bids: bids!, asks: asks! }
  }

  /** The orders of a side in the order of their priority. */
  orders(side: 'buy' | 'sell'): RestingOrder[] {
    const rows = JSON.parse(guarded(() => this.native.orders(side === 'sell' ? 1 : 0))) as [
      string,
      number,
      number,
      number,
    ][]
    return rows.map(([id, participant, price, quantity]) => ({
      id: idOf(BigInt(id)),
      participant,
      price: this.grid.priceOf(price),
      quantity: this.grid.quantityOf(quantity),
    }))
  }

  /** What is left of an order, what is hidden included; undefined where there is no such order. */
  leaves(id: MatchOrderId): number | undefined {
    const lots = guarded(() => this.native.leaves(bigId(id)))
    return lots < 0 ? undefined : this.grid.quantityOf(lots)
  }

  private name(participant: number, id: MatchOrderId): void {
    this.participant[0] = checkParticipant(participant)
    this.id[0] = bigId(id)
  }

  private applyOne(): MatchEvent[] {
    const { kind, id, participant, side, price, quantity, display, terms } = this
    return this.read(guarded(() => this.native.apply(kind, id, participant, side, price, quantity, display, terms)))
  }

  private read({ ids, numbers }: NativeMatchEvents): MatchEvent[] {
    const events: MatchEvent[] = []
    for (let at = 0; at * width < numbers.length; at += 1) {
      events.push(this.event(numbers.subarray(at * width, (at + 1) * width), ids[2 * at]!, ids[2 * at + 1]!))
    }
    return events
  }

  private event(numbers: Float64Array, first: bigint, second: bigint): MatchEvent {
    const [kind, ticks, lots, left, other, reason, command] = numbers as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const { grid } = this
    const id = idOf(first)
    const price = grid.priceOf(ticks)
    const quantity = grid.quantityOf(lots)
    const leaves = grid.quantityOf(left)
    switch (kind) {
      case 0:
        return { kind: 'accepted', id, command }
      case 1:
        return { kind: 'rejected', id, code: refusals[reason]!, command }
      case 2: {
        const takerLeaves = grid.quantityOf(other)
        return {
          kind: 'traded',
          maker: id,
          taker: idOf(second),
          price,
          quantity,
          makerLeaves: leaves,
          takerLeaves,
          command,
        }
      }
      case 3:
        return { kind: 'modified', id, price, leaves, keptPriority: reason === 1, command }
      case 4:
        return { kind: 'canceled', id, quantity, leaves, cause: causes[reason]!, command }
      default:
        return { kind: 'uncrossed', price, quantity, command }
    }
  }
}

/** One price level as it is shown. */
export interface MatchLevel {
  readonly price: number
  readonly quantity: number
  readonly count: number
}

function allocationSettings(allocation: MatchAllocation): Record<string, unknown> {
  const plain = { allocation: 'priceTime', top: false, least: 2, makers: [] as [number, number][] }
  if (allocation === 'priceTime') return plain
  const accepted = "'priceTime', { proRata: { top, least } } or { leadMarketMakers: { top, makers } }"
  if (typeof allocation !== 'object' || allocation === null) throw refusedOption('allocation', allocation, accepted)
  if ('proRata' in allocation) {
    checkOptions(allocation.proRata, 'allocation.proRata', ['top', 'least'])
    const { top = true, least = 2 } = allocation.proRata
    if (!Number.isSafeInteger(least) || least < 1 || least > 0xffff_ffff) {
      throw refusedOption('allocation.proRata.least', least, 'a whole number of lots from 1')
    }
    return { ...plain, allocation: 'proRata', top, least }
  }
  if (!('leadMarketMakers' in allocation)) throw refusedOption('allocation', allocation, accepted)
  checkOptions(allocation.leadMarketMakers, 'allocation.leadMarketMakers', ['top', 'makers'])
  const { top = true, makers } = allocation.leadMarketMakers
  const pairs = makers.map(({ participant, percent }): [number, number] => {
    if (!Number.isSafeInteger(percent) || percent < 1 || percent > 50) {
      throw refusedOption('allocation.leadMarketMakers.percent', percent, 'a whole number from 1 to 50')
    }
    return [checkParticipant(participant), percent]
  })
  return { ...plain, allocation: 'leadMarketMakers', top, makers: pairs }
}

function checkParticipant(participant: number): number {
  if (Number.isSafeInteger(participant) && participant >= 0 && participant <= 0xffff_ffff) return participant
  throw refusedOption('participant', participant, 'a whole number from 0 to 4294967295')
}

function bigId(id: MatchOrderId): bigint {
  if (typeof id === 'bigint' && id >= 0n && id < 1n << 64n) return id
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return BigInt(id)
  throw refusedOption('id', id, 'a whole number up to 2^53 - 1, or a bigint up to 2^64 - 1')
}

function idOf(id: bigint): MatchOrderId {
  return id <= 9_007_199_254_740_991n ? Number(id) : id
}
