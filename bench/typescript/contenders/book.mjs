// Order books: the native one call by call and in batches, and one in plain JavaScript. The same operations for all:
// adds near a touch that wanders, cancels of orders picked at random, a few thousand orders live.
import { OrderBook } from '../../../dist/core/index.js'
import { PlainBook } from './plain-book.mjs'

const live = 5_000
const batch = 1_000
const tick = 0.25

/** A small generator of whole numbers below 2^32: xorshift. */
function random(seed) {
  let state = seed
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function operationsOf(count) {
  const draw = random(20_231_225)
  const columns = {
    kind: new Uint8Array(count),
    id: new Float64Array(count),
    side: new Uint8Array(count),
    price: new Float64Array(count),
    quantity: new Float64Array(count),
  }
  const known = []
  let middle = 19_240
  for (let at = 0; at < count; at++) {
    if (draw(5_000) === 0) middle += draw(3) - 1
    const isAdd = known.length < live / 2 || (known.length < live * 2 && draw(2) === 0)
    if (isAdd) {
      const id = 6_413_000_000_000 + at * 7
      const side = draw(2)
      const away = 1 + Math.floor((draw(40) * draw(40)) / 20)
      columns.kind[at] = 1
      columns.id[at] = id
      columns.side[at] = side
      columns.price[at] = (side === 0 ? middle - away : middle + away) * tick
      columns.quantity[at] = 1 + draw(12)
      known.push(id)
    } else {
      const place = draw(known.length)
      columns.kind[at] = 2
      columns.id[at] = known[place]
      columns.quantity[at] = Number.NaN
      known[place] = known.at(-1)
      known.pop()
    }
  }
  return columns
}

let prepared = operationsOf(0)

function single(book, { kind, id, side, price, quantity }) {
  for (let at = 0; at < kind.length; at++) {
    if (kind[at] === 1) book.add(id[at], side[at] === 0 ? 'buy' : 'sell', price[at], quantity[at])
    else book.cancel(id[at])
  }
}

/** The same, every call timed on its own; the clock's own cost is measured and taken off. */
function timed(book, { kind, id, side, price, quantity }, waits) {
  for (let at = 0; at < kind.length; at++) {
    const begin = process.hrtime.bigint()
    if (kind[at] === 1) book.add(id[at], side[at] === 0 ? 'buy' : 'sell', price[at], quantity[at])
    else book.cancel(id[at])
    waits[at] = Number(process.hrtime.bigint() - begin)
  }
}

function clockCost() {
  const costs = new Float64Array(20_000)
  for (let at = 0; at < costs.length; at++) {
    const begin = process.hrtime.bigint()
    costs[at] = Number(process.hrtime.bigint() - begin)
  }
  costs.sort()
  return costs[costs.length >> 1]
}

function batched(book, columns) {
  const count = columns.kind.length
  for (let from = 0; from < count; from += batch) {
    const to = Math.min(from + batch, count)
    book.apply({
      kind: columns.kind.subarray(from, to),
      id: columns.id.subarray(from, to),
      side: columns.side.subarray(from, to),
      price: columns.price.subarray(from, to),
      quantity: columns.quantity.subarray(from, to),
    })
  }
}

/** `{ book: 'native' | 'batched' | 'plain' | 'latency', operations }` */
export async function run({ book: which, operations }) {
  if (prepared.kind.length !== operations) prepared = operationsOf(operations)
  const book = which === 'plain' ? new PlainBook() : new OrderBook({ tickSize: tick })
  const waits = new Float64Array(which === 'latency' ? operations : 0)
  const begin = performance.now()
  if (which === 'batched') batched(book, prepared)
  else if (which === 'latency') timed(book, prepared, waits)
  else single(book, prepared)
  const seconds = (performance.now() - begin) / 1000
  const best = which === 'plain' ? book.best : [book.best.bid, book.best.ask]
  const answer = best.join(' ')
  if (which !== 'latency') return { seconds, answer }
  const clock = clockCost()
  waits.sort()
  const at = share => Math.max(0, waits[Math.min(operations - 1, Math.floor(operations * share))] - clock)
  return { seconds, answer, clock, p50: at(0.5), p99: at(0.99), p999: at(0.999) }
}
