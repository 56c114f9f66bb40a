/** Strategies that trade on one account see one account. */
import { expect, it } from 'vitest'
import { Backtest, type Context, Strategy, synthetic, type Trade } from '../../src/index.ts'

/** Takes now and then. */
class Taker extends Strategy {
  static override data = { trades: true }
  count = 0
  override onTrade(_trade: Trade, ctx: Context): void {
    this.count += 1
    if (this.count % 40 === 0) ctx.target({ quantity: this.count % 80 === 0 ? 3 : -3 })
  }
}

/** Only looks. */
class Watcher extends Strategy {
  static override data = { trades: true }
  positions = new Set<number>()
  cash = Number.NaN
  override onTrade(_trade: Trade, ctx: Context): void {
    this.positions.add(ctx.position)
    this.cash = ctx.cash
  }
}

it.each([true, false])('position and cash of a shared account are seen by all (shared: %s)', async shared => {
  const watcher = new Watcher()
  const data = synthetic({ seed: 9, records: 60_000, liveOrders: 500 })
  const account = { initialCash: 50_000, shared }
  const result = await new Backtest({ data, strategies: { taker: new Taker(), watcher }, account }).run()
  expect(result.figures.fills).toBeGreaterThan(20)
  if (shared) {
    expect([...watcher.positions].sort()).toContain(-3)
    expect(watcher.cash).not.toBe(50_000)
  } else {
    expect([...watcher.positions]).toEqual([0])
    expect(watcher.cash).toBe(50_000)
  }
})
