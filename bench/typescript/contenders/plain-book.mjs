// An order book in plain JavaScript, as one would write it: maps of orders and of levels, best prices found when the
// best level empties.

/** Same operations and answers as `OrderBook`. */
export class PlainBook {
  orders = new Map()
  sides = [new Map(), new Map()]
  best = [Number.NaN, Number.NaN]

  add(id, side, price, quantity) {
    if (this.orders.has(id)) throw new Error(`order ${id} is in the book`)
    const at = side === 'buy' ? 0 : 1
    const levels = this.sides[at]
    let level = levels.get(price)
    if (level === undefined) {
      level = { price, quantity: 0, orders: new Map() }
      levels.set(price, level)
      const best = this.best[at]
      if (Number.isNaN(best) || (at === 0 ? price > best : price < best)) this.best[at] = price
    }
    const order = { id, at, level, quantity }
    level.quantity += quantity
    level.orders.set(id, order)
    this.orders.set(id, order)
  }

  cancel(id, quantity) {
    const order = this.orders.get(id)
    if (order === undefined) throw new Error(`order ${id} is not in the book`)
    const taken = quantity ?? order.quantity
    const { level } = order
    order.quantity -= taken
    level.quantity -= taken
    if (order.quantity > 0) return order.quantity
    this.orders.delete(id)
    level.orders.delete(id)
    if (level.orders.size === 0) this.drop(order.at, level.price)
    return 0
  }

  drop(at, price) {
    const levels = this.sides[at]
    levels.delete(price)
    if (this.best[at] !== price) return
    let best = Number.NaN
    for (const other of levels.keys()) if (Number.isNaN(best) || (at === 0 ? other > best : other < best)) best = other
    this.best[at] = best
  }
}
