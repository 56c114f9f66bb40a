/** Several currencies and fees in base through the public interface: simulation.md, "Accounting". */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type AccountOptions,
  Backtest,
  type Bar,
  type Context,
  csv,
  fees,
  type InstrumentOptions,
  type OrderReport,
  Strategy,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

type Prices = Readonly<Record<string, readonly number[]>>
/** What is done once the bars of an hour are seen. */
type Plan = readonly ((ctx: Context) => void)[]

/** Carries out a plan, one entry an hour, at the bar of the last instrument of that hour. */
class Planned extends Strategy {
  static override data = { bars: '1h' }
  readonly told: string[] = []
  readonly seen: { cash: number; equity: number; balances: Record<string, number>; positions: number[] }[] = []
  private bars = 0
  private readonly plan: Plan
  private readonly codes: readonly string[]

  constructor(plan: Plan, codes: readonly string[]) {
    super()
    this.plan = plan
    this.codes = codes
  }

  override onOrder(report: OrderReport): void {
    if (report.code !== undefined) this.told.push(report.code)
  }

  override onBar(_bar: Bar, ctx: Context): void {
    this.bars += 1
    const count = ctx.instruments.length
    if (this.bars % count !== 0) return
    const balances = Object.fromEntries(this.codes.map(code => [code, ctx.balance(code)]))
    const positions = ctx.instruments.map(({ position }) => position)
    this.seen.push({ cash: ctx.cash, equity: ctx.equity, balances, positions })
    this.plan[this.bars / count - 1]?.(ctx)
  }
}

function bars(symbol: string, prices: readonly number[]): string {
  const file = join(folder, `${symbol}.csv`)
  const rows = prices.map((p, hour) => `2024-05-22T${String(hour).padStart(2, '0')}:00:00Z,${p},${p},${p},${p},1000000`)
  writeFileSync(file, ['time,open,high,low,close,volume', ...rows].join('\n'))
  return file
}

const terms: Record<string, InstrumentOptions> = {
  SAP: { symbol: 'SAP', kind: 'equity', tickSize: 0.01, currency: 'EUR' },
  EURUSD: { symbol: 'EURUSD', kind: 'spot', tickSize: 0.0001, currency: 'USD' },
  USDJPY: { symbol: 'USDJPY', kind: 'spot', tickSize: 0.01, currency: 'JPY' },
  SONY: { symbol: 'SONY', kind: 'equity', tickSize: 1, currency: 'JPY' },
  BTCUSDT: {
    symbol: 'BTCUSDT',
    kind: 'spot',
    tickSize: 0.01,
    lotSize: 0.0001,
    currency: 'USDT',
    feeCurrency: 'received',
  },
  ETHBTC: { symbol: 'ETHBTC', kind: 'spot', tickSize: 0.00001, lotSize: 0.001, currency: 'BTC' },
}

async function run(prices: Prices, plan: Plan, account: AccountOptions, codes: string[], bps = 0, shared = {}) {
  const strategy = new Planned(plan, codes)
  const result = await new Backtest({
    data: Object.entries(prices).map(([symbol, of]) =>
      csv(bars(symbol, of), { symbol, timeframe: '1h', label: 'open' }),
    ),
    instruments: Object.keys(prices).map(symbol => terms[symbol]!),
    account,
    venue: { fees: fees.bps({ maker: bps, taker: bps }) },
    strategies: { planned: strategy },
    ...shared,
  }).run()
  return { result, strategy }
}

describe('an account in dollars that trades a share in euro', () => {
  // Buys 10 at 100, sells at 110; the euro goes from 1.10 to 1.25.
  const prices = { SAP: [100, 100, 110, 110, 110], EURUSD: [1.1, 1.1, 1.2, 1.2, 1.25] }
  const plan: Plan = [ctx => ctx.of('SAP').buy({ quantity: 10 }), () => {}, ctx => ctx.of('SAP').sell({ quantity: 10 })]
  const account = { initialCash: 10_000, rates: { EUR: 'EURUSD' } }

  it('owes euro while it holds it, and keeps the profit in euro', async () => {
    const { result, strategy } = await run(prices, plan, account, ['USD', 'EUR'], 10)
    // The first bar is seen at its close; the order executes at the next open.
    expect(strategy.seen.map(({ balances }) => balances)).toEqual([
      { USD: 10_000, EUR: 0 },
      { USD: 10_000, EUR: -1001 },
      { USD: 10_000, EUR: -1001 },
      { USD: 10_000, EUR: 97.9 },
      { USD: 10_000, EUR: 97.9 },
    ])
    const expected = [10_000, 10_000 - 1.1, 10_000 + 99 * 1.2, 10_000 + 97.9 * 1.2, 10_000 + 97.9 * 1.25]
    for (const [at, { equity }] of strategy.seen.entries()) expect(equity).toBeCloseTo(expected[at]!, 9)
    expect(result.figures.finalEquity).toBe(10_122.375)
    // All in dollars at the last rate: 100 EUR realised, 2.1 EUR of fees.
    expect(result.figures).toMatchObject({ realized: 125, fees: 2.625 })
    expect(result.roundTrips[0]).toMatchObject({ gross: 125, fees: 2.625, net: 122.375 })
    expect(result.notes).toContain('planned ends with 97.9 EUR at 1.25')
    expect(result.strategies[0]!.balances).toEqual([
      { currency: 'USD', cash: 10_000, realized: 0, fees: 0, rate: 1 },
      { currency: 'EUR', cash: 97.9, realized: 100, fees: 2.1, rate: 1.25 },
    ])
  })

  it('takes a fixed rate, balances at the start, and sizes in the currency of the price', async () => {
    const sized: Plan = [ctx => ctx.of('SAP').target({ percent: 100 }, { sizeAt: 'signal' })]
    const fixed = { initialCash: 1000, balances: { EUR: 500 }, rates: { EUR: 1.25 } }
    const { result, strategy } = await run({ SAP: [100, 100, 100] }, sized, fixed, ['USD', 'EUR'])
    // 1,625 dollars are 1,300 euro: 13 shares.
    expect(result.figures.initialEquity).toBe(1625)
    expect(strategy.seen[1]).toMatchObject({ positions: [13], balances: { USD: 1000, EUR: -800 }, equity: 1625 })
  })

  it('gives the same result through run.json and a file', async () => {
    const first = await run(prices, plan, account, ['EUR'])
    const again = await run(prices, plan, { initialCash: '10000', rates: { EUR: { instrument: 'EURUSD' } } }, ['EUR'])
    expect(again.result.stateHash).toBe(first.result.stateHash)
  })

  it('divides where the pair is the other way round', async () => {
    const yen = { SONY: [100, 100, 100], USDJPY: [160, 160, 160] }
    const buy: Plan = [ctx => ctx.of('SONY').buy({ quantity: 100 })]
    const { strategy } = await run(yen, buy, { rates: { JPY: 'USDJPY' }, balances: {} }, ['JPY'], 100)
    expect(strategy.seen[2]).toMatchObject({ balances: { JPY: -10_100 } })
    expect(strategy.seen[2]!.equity).toBeCloseTo(100_000 - 100 / 160, 9)
  })

  it('denies orders while nothing says what the currency is worth', async () => {
    const buy: Plan = [ctx => ctx.of('SAP').buy({ quantity: 10 })]
    const { strategy } = await run({ SAP: [100, 100, 100] }, buy, {}, ['USD'])
    expect(strategy.told).toEqual(['ERR_RISK_NO_RATE'])
    expect(strategy.seen.at(-1)).toMatchObject({ cash: 100_000, equity: 100_000, positions: [0] })
  })

  it('cannot spend euro that it has not in a cash account', async () => {
    const buy: Plan = [ctx => ctx.of('SAP').buy({ quantity: 10 }), ctx => ctx.of('SAP').buy({ quantity: 5 })]
    const cash = { type: 'cash', balances: { EUR: 600 }, rates: { EUR: 1.1 } } as const
    const { strategy } = await run({ SAP: [100, 100, 100, 100] }, buy, cash, ['EUR'])
    expect(strategy.told).toEqual(['ERR_RISK_BUYING_POWER'])
    expect(strategy.seen.at(-1)).toMatchObject({ positions: [5], balances: { EUR: 100 } })
  })

  it('counts margin in its own currency', async () => {
    const buy: Plan = [ctx => ctx.of('SAP').buy({ quantity: 19 }), ctx => ctx.of('SAP').buy({ quantity: 18 })]
    const margin = { type: 'margin', initialCash: 1000, initialMargin: 0.5, maintenanceMargin: 0.25 } as const
    // 19 × 100 EUR × 0.5 × 1.1 = 1,045; 18 need 990.
    const { strategy } = await run({ SAP: [100, 100, 100, 100] }, buy, { ...margin, rates: { EUR: 1.1 } }, ['EUR'])
    expect(strategy.told).toEqual(['ERR_RISK_BUYING_POWER'])
    expect(strategy.seen.at(-1)!.positions).toEqual([18])
  })

  it.each([
    ['a balance without a rate', { balances: { EUR: 1 } }, 'ERR_TRADING_SETTING'],
    [
      'a balance whose rate is not known at the start',
      { balances: { EUR: 1 }, rates: { EUR: 'EURUSD' } },
      'ERR_TRADING_NO_RATE',
    ],
    ['an instrument that is not there', { rates: { EUR: 'GBPUSD' } }, 'ERR_BACKTEST_SETTING'],
    ['an instrument in another currency', { rates: { JPY: 'SAP' } }, 'ERR_BACKTEST_SETTING'],
    ['its own currency', { rates: { USD: 1 } }, 'ERR_TRADING_SETTING'],
  ])('refuses %s', async (_, account, code) => {
    await expect(run(prices, [], account, [])).rejects.toMatchObject({ code })
  })

  it('refuses a rate that is none, and a balance that nobody asked for', async () => {
    const field = 'account.rates.EUR'
    await expect(run(prices, [], { rates: { EUR: 0 } }, [])).rejects.toMatchObject({ details: { field } })
    const asks: Plan = [ctx => void ctx.balance('GBP')]
    await expect(run(prices, asks, account, [])).rejects.toMatchObject({ cause: { code: 'ERR_ACCOUNT_CURRENCY' } })
  })
})

describe('a spot pair that takes its fees from what a fill brings', () => {
  const prices = { BTCUSDT: [60_000, 60_000, 60_000, 61_000, 61_000] }
  const account = { currency: 'USDT', initialCash: 100_000, type: 'cash' } as const

  it('leaves less base to sell: sell fee in quote, buy fee in base', async () => {
    const plan: Plan = [
      ctx => ctx.buy({ quantity: 1 }),
      ctx => ctx.sell({ quantity: 1 }),
      ctx => ctx.target({ quantity: 0 }),
    ]
    const { result, strategy } = await run(prices, plan, account, ['USDT'], 10)
    expect(strategy.told).toEqual(['ERR_RISK_SHORT_SALE'])
    // 10 bps of 1 BTC are 0.001 BTC; 60,000 USDT have left and no fee.
    expect(strategy.seen[1]).toMatchObject({ positions: [0.999], cash: 40_000, equity: 99_940 })
    expect(result.fills.map(({ quantity, fee }) => [quantity, fee])).toEqual([
      [1, 60],
      [0.999, 60.939],
    ])
    expect(strategy.seen.at(-1)).toMatchObject({ positions: [0], cash: 100_878.061 })
    expect(result.figures).toMatchObject({ finalEquity: 100_878.061, realized: 999, fees: 120.939 })
    expect(result.roundTrips).toHaveLength(1)
    expect(result.roundTrips[0]).toMatchObject({ closed: true, net: 878.061 })
  })

  it('pays for another pair with the base that was bought', async () => {
    const both = { BTCUSDT: [60_000, 60_000, 60_000, 60_000], ETHBTC: [0.05, 0.05, 0.05, 0.05] }
    const plan: Plan = [
      ctx => ctx.of('BTCUSDT').buy({ quantity: 1 }),
      ctx => ctx.of('ETHBTC').buy({ quantity: 10 }),
      // Half a bitcoin was spent: less than one is left to sell.
      ctx => ctx.of('BTCUSDT').sell({ quantity: 0.6 }),
    ]
    const rates = { rates: { BTC: 'BTCUSDT' } }
    const { strategy } = await run(both, plan, { ...account, ...rates }, ['USDT', 'BTC'])
    expect(strategy.told).toEqual(['ERR_RISK_SHORT_SALE'])
    expect(strategy.seen.at(-1)).toMatchObject({ positions: [1, 10], balances: { USDT: 40_000, BTC: -0.5 } })
    expect(strategy.seen.at(-1)!.equity).toBeCloseTo(100_000, 6)
  })

  it('is refused on what is no pair', async () => {
    const wrong = { instruments: [{ ...terms['SAP']!, feeCurrency: 'received' }] }
    await expect(run({ SAP: [1, 1] }, [], { currency: 'EUR' }, [], 0, wrong)).rejects.toMatchObject({
      code: 'ERR_FEED_INSTRUMENT_TERMS',
    })
  })
})
