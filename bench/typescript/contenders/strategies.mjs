// The strategies of the benchmarks: what a TypeScript file is once its types are gone.
import { Strategy } from '../../../dist/index.js'

/** Trades and a timer: sums what it is shown. */
export class Trades extends Strategy {
  static data = { trades: true }
  rows = 0
  volume = 0

  onStart(ctx) {
    ctx.every('100ms')
  }

  onTrade(trade) {
    this.rows++
    this.volume += trade.quantity * trade.price
  }

  onTimer() {
    this.rows++
  }
}

/** Every change of the best prices, and nothing done with it. */
export class Empty extends Strategy {
  static data = { quotes: true }
  rows = 0

  onQuote() {
    this.rows++
  }
}

/** Both sides quoted, and quoted again when the price has moved. */
export class Quoter extends Strategy {
  static data = { quotes: true }
  rows = 0
  moves = 0
  bid = Number.NaN
  ask = Number.NaN
  buy = null
  sell = null

  onQuote(quote, ctx) {
    this.rows++
    const { bid, ask } = quote
    if ((bid === this.bid && ask === this.ask) || !(bid < ask)) return
    this.bid = bid
    this.ask = ask
    this.moves++
    const { tickSize } = ctx.instrument
    this.buy = this.place(this.buy, 'buy', bid - 20 * tickSize, ctx)
    this.sell = this.place(this.sell, 'sell', ask + 20 * tickSize, ctx)
  }

  place(order, side, price, ctx) {
    if (order === null || order.done) return ctx[side]({ quantity: 1, price })
    order.modify({ price })
    return order
  }
}

/** Reads what a handler of quotes reads. */
export class Quotes extends Strategy {
  static data = { quotes: true }
  rows = 0
  sum = 0

  onQuote(quote) {
    this.rows++
    this.sum += quote.bid + quote.askSize
  }
}

/** Reads what a handler of depth reads: one level of each side. */
export class Depths extends Strategy {
  static data = { depth: 10 }
  rows = 0
  sum = 0

  onDepth(depth) {
    this.rows++
    this.sum += depth.bidSize(0) + depth.askPrice(9)
  }
}

/** Two averages that cross: a market order each time. */
export class Cross extends Strategy {
  static data = { bars: '1m' }
  fast = this.indicator.sma(50)
  slow = this.indicator.sma(200)
  rows = 0
  orders = 0
  above = false

  onBar(_bar, ctx) {
    this.rows++
    if (!this.slow.ready) return
    const above = this.fast.value > this.slow.value
    if (above === this.above) return
    this.above = above
    this.orders++
    if (above) ctx.buy({ quantity: 1 })
    else ctx.sell({ quantity: 1 })
  }
}
