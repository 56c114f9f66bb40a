// `node first.mjs STRATEGY DATA`: from import to the first result. TypeScript goes through the loader, as `tickforge
// run` does it; JavaScript is imported.
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Backtest, csv } from 'tickforge'

const [, , file, data] = process.argv
async function strategyOf() {
  if (extname(file) !== '.ts') return (await import(pathToFileURL(file).href)).default
  const { loadStrategy } = await import('../../../dist/loader/loader.js')
  return (await loadStrategy(file)).strategy
}
const First = await strategyOf()
const result = await new Backtest({
  data: csv(data, { symbol: 'FIRST', timeframe: '1d', label: 'session' }),
  strategies: { first: new First() },
}).run()
process.stdout.write(`${result.outcome.counters.records} ${result.outcome.stateHash}\n`)
