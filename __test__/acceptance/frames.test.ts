/** Recorded frames of Binance through the public interface: code, file, run.json and the command line. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import { readConfiguration } from '../../src/backtest/configuration.ts'
import { completeConfiguration } from '../../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../../src/backtest/configuration-rerun.ts'
import {
  Backtest,
  binance,
  type Context,
  type Depth,
  type InstrumentOptions,
  type Quote,
  queue,
  Strategy,
  type Trade,
} from '../../src/index.ts'
import { shared, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()

const start = 1_700_000_000_000

/** A minute of a generated market: depth every 100 ms, a sale at the best bid after every second frame. */
function recording(): string {
  const lines: string[] = []
  const line = (at: number, frame: unknown) => lines.push(`${at}000000 ${JSON.stringify(frame)}`)
  const stream = (name: string, data: object) => ({ stream: `abc@${name}`, data })
  line(start, {
    lastUpdateId: 100,
    bids: [
      ['99.9', '4.0'],
      ['99.8', '9.0'],
    ],
    asks: [['100.1', '5.0']],
  })
  for (let k = 0; k < 600; k++) {
    const at = start + 100 * (k + 1)
    const made = at - 20
    const bids = [['99.9', (4 + (k % 3) * 0.5).toFixed(1)]]
    line(at, stream('depth@100ms', { e: 'depthUpdate', E: made, s: 'ABC', U: 101 + k, u: 101 + k, b: bids, a: [] }))
    if (k % 2 === 0) {
      const trade = { e: 'trade', E: made + 30, T: made + 29, s: 'ABC', t: k, p: '99.9', q: '0.7', m: true }
      line(at + 40, stream('trade', trade))
    }
  }
  return `${lines.join('\n')}\n`
}

const instruments: InstrumentOptions[] = [
  { symbol: 'ABC', kind: 'spot', tickSize: '0.1', lotSize: '0.1', currency: 'USD', multiplier: 1 },
]

class Rest extends Strategy {
  static data = { trades: true, quotes: true, depth: 2 }
  trades = 0
  levels = ''
  quoted = false
  onTrade(_: Trade): void {
    this.trades += 1
  }
  onDepth(depth: Depth): void {
    this.levels ||= JSON.stringify([depth.bids, depth.asks])
  }
  onQuote(quote: Quote, ctx: Context): void {
    if (this.quoted) return
    this.quoted = true
    ctx.buy({ quantity: 2, price: quote.bid })
  }
}

const file = join(folder, 'abc.gz')
writeFileSync(file, gzipSync(recording()))

describe('recorded frames of Binance', () => {
  it('make a market: levels, trades, and a place in the queue', async () => {
    const rest = new Rest()
    const data = binance(file)
    const venue = { queue: queue.riskAverse() }
    const result = await new Backtest({ data, instruments, venue, strategies: { rest } }).run()
    expect(rest.trades).toBe(300)
    expect(JSON.parse(rest.levels)).toEqual([
      [
        { price: 99.9, size: 4, count: 0 },
        { price: 99.8, size: 9, count: 0 },
      ],
      [{ price: 100.1, size: 5, count: 0 }],
    ])
    // 4.0 rest ahead and 0.7 trade at a time: five trades take 3.5, the sixth reaches the own order.
    const sixth = start + 100 * 11 + 9
    const [first] = result.fills
    expect(first).toMatchObject({ time: sixth, price: 99.9, liquidity: 'maker' })
    expect(result.fills.map(fill => fill.quantity)).toEqual([0.2, 0.7, 0.7, 0.4])
    expect(result.fills.map(fill => fill.basis)).toEqual(['queue', 'queue', 'queue', 'queue'])
    expect(result.notes.join('; ')).toContain('100 % of the fills rest on a modelled, not a recorded queue')
  })

  it('say how far the clock of the recorder is behind, and set it right', async () => {
    const late = join(folder, 'late.jsonl')
    // Received 1.2 s before it was made.
    writeFileSync(
      late,
      recording().replaceAll(/^\d+/gm, stamp => String(BigInt(stamp) - 1_200_000_000n)),
    )
    const note = async (clockOffset?: '1.3s') => {
      const data = binance(late, clockOffset ? { clockOffset } : {})
      const result = await new Backtest({ data, instruments, strategies: { rest: new Rest() } }).run()
      return result.outcome.notes.join('; ')
    }
    expect(await note()).toContain("the recorder's clock is at least 1180 ms behind the exchange's")
    expect(await note('1.3s')).not.toContain('clock')
  })

  it('are named in a file and repeated from a run.json', () => {
    const yaml = join(folder, 'frames.yaml')
    writeFileSync(
      yaml,
      `backtest:
  data_source: { type: binance, files: abc.gz, symbols: [ABC], book: build, gaps: resync, streams: depth, clock_offset: '-1.5ms' }
strategy: { type: ./quoter.ts }
`,
    )
    const { run } = readConfiguration(yaml)
    const complete = completeConfiguration(run, [{ name: 'quoter' }])
    expect(complete.data[0]).toMatchObject({
      type: 'binance',
      files: [file],
      symbols: ['ABC'],
      book: 'build',
      gaps: 'resync',
      streams: 'depth',
      clockOffset: '-1500000',
    })
    const again = repeatConfiguration(complete, 'run.json')
    expect(completeConfiguration(again.run, [{ name: 'quoter' }]).data).toEqual(complete.data)
  })

  it('refuse what they cannot be by field', async () => {
    const run = async (options: object) =>
      new Backtest({ data: binance(file, options), instruments, strategies: { rest: new Rest() } }).run()
    await expect(run({ streams: 'best' })).rejects.toThrow("option 'streams': 'best' is not")
    await expect(run({ decode: 'thread' })).rejects.toThrow('decode')
    await expect(run({ book: 'whole' })).rejects.toThrow('data[0].book')
    await expect(run({ clockOffset: '-x' })).rejects.toThrow('data[0].clockOffset')
    await expect(run({ symbols: ['XYZ'] })).rejects.toThrow('ABC')
    const bare = new Backtest({ data: binance(file), strategies: { rest: new Rest() } }).run()
    await expect(bare).rejects.toThrow("instrument 'ABC': its kind is unknown")
  })

  it('are inspected on the command line', async () => {
    const { code, out } = await tickforge(['inspect', file], folder)
    expect(code).toBe(0)
    expect(out).toContain('binance')
    expect(out).toMatch(/level changes\s+600/)
    const { out: json } = await tickforge(['inspect', file, '--json'], folder)
    const inspection = JSON.parse(json)
    expect(inspection.files[0].kinds).toEqual({ depth: 600, 'level changes': 600, snapshots: 1, trades: 300 })
    expect(inspection.instruments[0]).toMatchObject({ symbol: 'ABC', volume: 210 })
  })

  it('of a real market carry the market maker of the examples', async () => {
    const path = shared('data/market/l2-binance-hftbacktest/usdm_btcusdt_20240808.gz')
    if (path === null) return
    const maker = new MarketMaker({ size: 1, inventory: 3 })
    const result = await new Backtest({
      data: binance(path, { clockOffset: '1.28s' }),
      instruments: [
        { symbol: 'BTCUSDT', kind: 'perpetual', tickSize: '0.1', lotSize: '0.001', currency: 'USD', multiplier: 1 },
      ],
      account: { initialCash: 1_000_000 },
      venue: { queue: queue.power(2) },
      strategies: { maker },
    }).run()
    expect(result.fills.length).toBeGreaterThan(100)
    const makers = result.fills.filter(fill => fill.liquidity === 'maker')
    expect(makers.length).toBeGreaterThan(50)
  })
})
