/** The summary of a run: every label stands apart from what it says, however long a name is. */
import { expect, it } from 'vitest'
import { Backtest, type Context, Strategy, synthetic } from '../src/index.ts'

class Buyer extends Strategy {
  static data = { trades: true }
  private done = false
  onTrade(_trade: unknown, ctx: Context): void {
    if (!this.done) ctx.buy({ quantity: 1 })
    this.done = true
  }
}

it('labels are as wide as the widest of them', async () => {
  const name = 'a strategy with quite a long name'
  const data = synthetic({ records: 20_000, liveOrders: 200 })
  const result = await new Backtest({ data, strategies: { [name]: new Buyer() } }).run()
  const lines = result.summary().split('\n')
  const position = lines.find(line => line.startsWith(name))!
  const column = position.indexOf('position')
  expect(column).toBe(`${name} SYN`.length + 2)
  const labelled = lines.filter(line => line !== '' && !line.startsWith('note: '))
  expect(labelled.length).toBeGreaterThan(20)
  for (const line of labelled) expect(line.slice(column - 2, column + 1), line).toMatch(/^ {2}\S$/)
})
