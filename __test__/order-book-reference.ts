/** An order book as plainly as it can be said: arrays, in ticks and lots. What the real one is compared with. */
import type { BookDepth, BookOrder, BookSide } from '../src/core/index.ts'

interface Resting {
  readonly id: number
  readonly side: BookSide
  price: number
  quantity: number
}

export class ReferenceBook {
  /** All orders; of two at a price the one that comes first is ahead. */
  private orders: Resting[] = []

  add(id: number, side: BookSide, price: number, quantity: number): string | null {
    if (quantity < 1) return 'ERR_BOOK_QUANTITY'
    if (this.find(id) !== undefined) return 'ERR_BOOK_DUPLICATE_ORDER'
    this.orders.push({ id, side, price, quantity })
    return null
  }

  cancel(id: number, quantity: number | undefined): string | null {
    const order = this.find(id)
    if (order === undefined) return 'ERR_BOOK_UNKNOWN_ORDER'
    const by = quantity ?? order.quantity
    if (by < 1 || by > order.quantity) return 'ERR_BOOK_QUANTITY'
    order.quantity -= by
    if (order.quantity === 0) this.orders.splice(this.orders.indexOf(order), 1)
    return null
  }

  modify(id: number, price: number | undefined, quantity: number | undefined): string | null {
    const order = this.find(id)
    if (order === undefined) return 'ERR_BOOK_UNKNOWN_ORDER'
    if (quantity !== undefined && quantity < 1) return 'ERR_BOOK_QUANTITY'
    const keepsPlace = (price ?? order.price) === order.price && (quantity ?? order.quantity) <= order.quantity
    order.price = price ?? order.price
    order.quantity = quantity ?? order.quantity
    if (!keepsPlace) {
      this.orders.splice(this.orders.indexOf(order), 1)
      this.orders.push(order)
    }
    return null
  }

  ordersAt(side: BookSide, price: number): BookOrder[] {
    return this.queue(side, price).map(({ id, quantity }) => ({ id, quantity }))
  }

  ahead(id: number): { quantityAhead: number; ordersAhead: number } | undefined {
    const order = this.find(id)
    if (order === undefined) return undefined
    const queue = this.queue(order.side, order.price)
    const before = queue.slice(0, queue.indexOf(order))
    return { quantityAhead: sum(before), ordersAhead: before.length }
  }

  depth(levels: number): BookDepth {
    const side = (name: BookSide): BookDepth['bids'] => {
      const prices = [...new Set(this.orders.filter(order => order.side === name).map(({ price }) => price))]
      prices.sort((a, b) => (name === 'buy' ? b - a : a - b))
      return prices.slice(0, levels).map(price => {
        const queue = this.queue(name, price)
        return { price, quantity: sum(queue), count: queue.length }
      })
    }
    return { bids: side('buy'), asks: side('sell') }
  }

  private find(id: number): Resting | undefined {
    return this.orders.find(order => order.id === id)
  }

  private queue(side: BookSide, price: number): Resting[] {
    return this.orders.filter(order => order.side === side && order.price === price)
  }
}

function sum(orders: readonly { readonly quantity: number }[]): number {
  return orders.reduce((total, { quantity }) => total + quantity, 0)
}
