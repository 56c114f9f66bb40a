/**
 * A market maker on full-depth quotes: one order a side, `width` ticks away from the touch, moved when the price
 * moves; at its inventory limit it flattens by market order.
 */
import { type Context, type Fill, int, type OrderHandle, type OrderReport, type Quote, Strategy } from 'tickforge'

const parameters = {
  width: int(0, { min: 0, max: 50, description: 'Ticks behind the best price of its side' }),
  size: int(1, { min: 1, max: 50, description: 'Lots of each quote' }),
  inventory: int(5, { min: 1, max: 100, description: 'Position at which it flattens' }),
}

export default class MarketMaker extends Strategy.with(parameters) {
  static data = { quotes: true }

  bid: OrderHandle | null = null
  ask: OrderHandle | null = null
  flatten: OrderHandle | null = null

  onQuote(quote: Quote, ctx: Context): void {
    // Before the open the book may be crossed, and a side may be empty: nothing to quote against.
    if (!(quote.bid < quote.ask)) return
    const { width } = this.params
    const { instrument } = ctx
    this.bid = this.place('buy', this.bid, instrument.offset(quote.bid, -width), ctx)
    this.ask = this.place('sell', this.ask, instrument.offset(quote.ask, width), ctx)
  }

  onFill(fill: Fill, ctx: Context): void {
    this.forget(fill.order)
    // One order at a time: what fills while it is on its way is for the next one.
    if (this.flatten !== null || Math.abs(ctx.position) < this.params.inventory) return
    const quantity = Math.abs(ctx.position)
    this.flatten = ctx.position > 0 ? ctx.sell({ quantity }) : ctx.buy({ quantity })
  }

  onOrder(report: OrderReport): void {
    this.forget(report.order)
  }

  onStop(ctx: Context): void {
    ctx.log(`stopped at a position of ${ctx.position}`)
  }

  private place(side: 'buy' | 'sell', order: OrderHandle | null, price: number, ctx: Context): OrderHandle {
    if (order !== null) {
      if (order.price === price) return order
      order.cancel()
    }
    const terms = { quantity: this.params.size, price }
    return side === 'buy' ? ctx.buy(terms) : ctx.sell(terms)
  }

  private forget(order: OrderHandle): void {
    if (order.leaves > 0) return
    if (order === this.bid) this.bid = null
    if (order === this.ask) this.ask = null
    if (order === this.flatten) this.flatten = null
  }
}
