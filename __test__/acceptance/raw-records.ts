/**
 * A second, deliberately simple reading of market-by-order records: bytes of an uncompressed DBN file, a map of orders,
 * and a scan. It shares no code with the engine, so that what `explain` says can be checked against the records.
 */

/** One record as it lies in the file. */
export interface RawRecord {
  /** The venue's clock: the exchange time, which never goes back. */
  readonly clock: bigint
  readonly order: bigint
  /** In 1e-9. */
  readonly price: bigint
  readonly size: number
  readonly action: string
  readonly side: string
  /** Whether it ends its event. */
  readonly isLast: boolean
}

/** Every market-by-order record of the instrument that has the most. */
export function rawRecords(file: Buffer): RawRecord[] {
  const all: { instrument: number; at: number }[] = []
  const counts = new Map<number, number>()
  for (let at = 8 + file.readUInt32LE(4); at < file.length; at += file.readUInt8(at) * 4) {
    if (file.readUInt8(at + 1) !== 0xa0) continue
    const instrument = file.readUInt32LE(at + 4)
    all.push({ instrument, at })
    counts.set(instrument, (counts.get(instrument) ?? 0) + 1)
  }
  const most = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
  let clock = 0n
  return all
    .filter(({ instrument }) => instrument === most)
    .map(({ at }) => {
      const flags = file.readUInt8(at + 36)
      const time = file.readBigUInt64LE(at + 8)
      // A snapshot's orders are older than the run.
      if ((flags & 32) === 0 && time > clock) clock = time
      return {
        clock,
        order: file.readBigUInt64LE(at + 16),
        price: file.readBigInt64LE(at + 24),
        size: file.readUInt32LE(at + 32),
        action: String.fromCharCode(file.readUInt8(at + 38)),
        side: String.fromCharCode(file.readUInt8(at + 39)),
        isLast: (flags & 128) !== 0,
      }
    })
}

interface Resting {
  side: string
  price: bigint
  size: number
  /** Grows with every arrival at the back of a queue. */
  place: number
}

/** Orders by id, in a map. */
export class NaiveBook {
  readonly orders: Map<bigint, Resting> = new Map()
  private places = 0

  apply({ action, order, side, price, size }: RawRecord): void {
    const known = this.orders.get(order)
    if (action === 'R') this.orders.clear()
    if (action === 'C' && known !== undefined) {
      known.size -= size
      if (known.size <= 0) this.orders.delete(order)
    }
    if (action !== 'A' && action !== 'M') return
    const keeps = action === 'M' && known?.price === price && known.side === side && size <= known.size
    this.places += 1
    if (size === 0) this.orders.delete(order)
    else this.orders.set(order, { side, price, size, place: keeps ? (known as Resting).place : this.places })
  }

  /** What rests at a price. */
  level(side: string, price: bigint): [bigint, Resting][] {
    return [...this.orders].filter(([, found]) => found.side === side && found.price === price)
  }

  /** The best price of a side. */
  best(side: string): bigint | null {
    const prices = [...this.orders.values()].filter(found => found.side === side).map(({ price }) => price)
    if (prices.length === 0) return null
    return prices.reduce((a, b) => ((side === 'B') === a > b ? a : b))
  }
}

/** What stands ahead. */
export interface Standing {
  readonly time: bigint
  readonly quantity: number
  readonly orders: number
}

/** A trade or an execution. */
export interface Traded {
  readonly time: bigint
  readonly price: bigint
  readonly size: number
}

/** What a resting order met, as the records say. */
export interface Followed {
  /** At the arrival, then after every change. */
  readonly ahead: readonly Standing[]
  /** Prints at prices that the limit accepts. */
  readonly trades: readonly Traded[]
  /** Executions of orders that stood ahead of it at its price. */
  readonly executedAhead: readonly Traded[]
  /** Executions of orders behind it at its price, or at prices beyond. */
  readonly executedBehind: readonly Traded[]
  /** Orders of the other side that arrived at or through its limit. */
  readonly crossed: readonly { readonly time: bigint; readonly order: bigint }[]
  /** The best price of the other side at the arrival, and what rested there. */
  readonly opposite: { readonly price: bigint; readonly quantity: number } | null
}

/** An order of ours. */
export interface OwnOrder {
  readonly side: 'buy' | 'sell'
  /** In 1e-9. */
  readonly price: bigint
  /** When it arrived at the venue. */
  readonly from: bigint
  /** When it ended there. */
  readonly to: bigint
}

/** Follows an order from its arrival to its end: records of an instant come before commands of that instant. */
export function follow(records: readonly RawRecord[], own: OwnOrder): Followed {
  const side = own.side === 'buy' ? 'B' : 'A'
  const other = own.side === 'buy' ? 'A' : 'B'
  const accepts = (price: bigint): boolean => (own.side === 'buy' ? price <= own.price : price >= own.price)
  const book = new NaiveBook()
  let at = 0
  let inside = false
  for (; at < records.length; at += 1) {
    const record = records[at] as RawRecord
    if (!inside && record.clock > own.from) break
    book.apply(record)
    inside = !record.isLast
  }
  const ahead = new Set(book.level(side, own.price).map(([id]) => id))
  const standing = (time: bigint): Standing => {
    const sizes = [...ahead].map(id => (book.orders.get(id) as Resting).size)
    return { time, quantity: sizes.reduce((sum, size) => sum + size, 0), orders: sizes.length }
  }
  const best = book.best(other)
  const found = {
    ahead: [standing(own.from)],
    trades: [] as Traded[],
    executedAhead: [] as Traded[],
    executedBehind: [] as Traded[],
    crossed: [] as { time: bigint; order: bigint }[],
    opposite:
      best === null ? null : { price: best, quantity: book.level(other, best).reduce((sum, [, o]) => sum + o.size, 0) },
  }
  let aggressors = new Set<string>()
  for (; at < records.length; at += 1) {
    const record = records[at] as RawRecord
    if (!inside && record.clock > own.to) break
    const { action, order, price, size, clock } = record
    const traded = { time: clock, price, size }
    if (action === 'T') {
      aggressors.add(`${order} ${record.side}`)
      if (record.side !== side && accepts(price)) found.trades.push(traded)
    }
    const resting = book.orders.get(order)
    if (action === 'F' && resting?.side === side && !(order !== 0n && aggressors.has(`${order} ${record.side}`))) {
      if (ahead.has(order)) found.executedAhead.push(traded)
      else if (accepts(resting.price)) found.executedBehind.push(traded)
    }
    if ((action === 'A' || action === 'M') && record.side === other && accepts(price))
      found.crossed.push({ time: clock, order })
    const place = resting?.place
    book.apply(record)
    const before = found.ahead.at(-1) as Standing
    // What loses its place is behind from then on, though its id is the same.
    for (const id of ahead) {
      const now = book.orders.get(id)
      if (now === undefined || (id === order && now.place !== place)) ahead.delete(id)
    }
    const now = standing(clock)
    if (now.quantity !== before.quantity || now.orders !== before.orders) found.ahead.push(now)
    inside = !record.isLast
    if (record.isLast) aggressors = new Set()
  }
  return found
}
