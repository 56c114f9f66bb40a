// A backtest of one of the strategies, from opening its file to its result. A task that is `plan` only answers with
// the completed configuration, for the Rust partner.
import { Backtest, dbn, latency } from '../../../dist/index.js'
import { Cross, Depths, Empty, Quoter, Quotes, Trades } from './strategies.mjs'

const strategies = { Cross, Depths, Empty, Quoter, Quotes, Trades }

/** `{ strategy, file, symbol, tickSize, latency, stepRows?, decode?, plan? }` */
export async function run({ strategy, file, symbol, tickSize, latency: network, stepRows, decode, plan }) {
  const made = new strategies[strategy]()
  const backtest = new Backtest({
    data: dbn(file, decode === undefined ? {} : { decode }),
    instruments: [{ symbol, kind: 'future', tickSize, multiplier: 50, currency: 'USD' }],
    venue: { latency: latency.fixed({ network }) },
    strategies: { bench: made },
    ...(stepRows === undefined ? {} : { stepRows }),
  })
  if (plan) return { configuration: backtest.configuration }
  const begin = performance.now()
  const result = await backtest.run()
  const seconds = (performance.now() - begin) / 1000
  const { rows, steps } = result.facts
  const { records } = result.outcome.counters
  // The state hash covers every order and fill; the sums cover what the handlers were shown.
  const seen = [made.rows, made.sum ?? made.volume ?? made.orders ?? made.moves ?? 0]
  return {
    seconds,
    rows,
    steps,
    records,
    seen: made.rows,
    answer: [...seen, result.outcome.stateHash.slice(0, 16)].join(' '),
  }
}
