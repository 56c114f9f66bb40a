// How much anonymous memory a run holds: what is not a mapping of a file. Linux tells; elsewhere there is the heap only.
import { existsSync, readFileSync } from 'node:fs'
import { Backtest, dbn, latency } from '../../../dist/index.js'
import { Trades } from './strategies.mjs'

const status = '/proc/self/status'

function anonymous() {
  if (!existsSync(status)) return process.memoryUsage().rss
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(status, 'utf8'))[1]) * 1024
}

/** `{ idle: true }`, or `{ file, symbol, tickSize }` */
export async function run({ idle, file, symbol, tickSize }) {
  globalThis.gc()
  if (idle) return { now: anonymous() }
  const strategy = new Trades()
  let peak = 0
  let early = 0
  const begin = performance.now()
  const result = await new Backtest({
    data: dbn(file),
    instruments: [{ symbol, kind: 'future', tickSize, multiplier: 50, currency: 'USD' }],
    venue: { latency: latency.fixed({ network: '60us' }) },
    strategies: { bench: strategy },
  }).run({
    onProgress: ({ fraction }) => {
      const now = anonymous()
      peak = Math.max(peak, now)
      if (fraction <= 0.25) early = now
    },
  })
  const late = anonymous()
  const seconds = (performance.now() - begin) / 1000
  return {
    seconds,
    peak: Math.max(peak, late),
    early,
    late,
    answer: `${strategy.rows} ${result.outcome.stateHash.slice(0, 16)}`,
  }
}
