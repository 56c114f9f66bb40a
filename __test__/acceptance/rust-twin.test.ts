/** A strategy in Rust and the same in TypeScript give the same fills and the same state hash. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import { Backtest, type DataSource, dbn, type Outcome, type RunOptions, synthetic } from '../../src/index.ts'
import { command, esh4, root, temporaryFolder } from './support.ts'

const hasCargo = spawnSync('cargo', ['--version']).status === 0
if (!hasCargo) process.stderr.write('rust-twin.test.ts: skipped, cargo is not installed\n')

const folder = temporaryFolder()
const build = ['build', '--release', '--quiet', '-p', 'tickforge-backtest', '--example', 'market_maker']

const markets: [string, DataSource | null][] = [
  ['ESH4', esh4 === null ? null : dbn(esh4, { symbols: ['ESH4'] })],
  ['a generated market', synthetic({ seed: 7, records: 200_000, liveOrders: 1000 })],
]
const venues: [string, RunOptions['venue'] & object][] = [
  ['at the touch with fees', { fees: { type: 'perContract', maker: 0.85, taker: 0.85 } }],
  [
    'with latency, probability, pro-rata and impact',
    {
      latency: { type: 'fixed', network: '50us', processing: '10us' },
      fill: { probabilityAtTouch: 0.5 },
      queue: 'proRata',
      impact: { type: 'linear', bpsPerMillion: 0.5 },
    },
  ],
]

describe.skipIf(!hasCargo)('the market maker in Rust and in TypeScript', () => {
  let twin = ''

  beforeAll(async () => {
    const { code, out, err } = await command('cargo', [...build, '--message-format=json'], root)
    if (code !== 0) throw new Error(err)
    const messages = out.split('\n').filter(line => line !== '')
    const made = messages.map(line => JSON.parse(line) as { executable?: string | null })
    twin = made.find(({ executable }) => executable)?.executable ?? ''
  }, 600_000)

  const cases = markets.flatMap(([name, data]) =>
    venues.map(([how, venue]): [string, string, DataSource | null, typeof venue] => [name, how, data, venue]),
  )
  it.for(cases)('on %s, %s, give the same fills and state hash', async ([name, how, data, venue], { skip }) => {
    if (data === null) return skip('the shared data are not there')
    const result = await new Backtest({
      data,
      venue,
      riskLimits: { maxPosition: 20, maxOrderSize: 10, maxLoss: 10_000, maxOrdersPerSecond: 100 },
      strategies: { maker: new MarketMaker({ inventory: 4, size: 2 }) },
    }).run()
    expect(result.figures.fills).toBeGreaterThan(50)
    expect(result.figures.takerFills).toBeGreaterThan(5)

    const file = join(folder, `${name} ${how}.json`)
    writeFileSync(file, JSON.stringify(result.configuration))
    const { code, out, err } = await command(twin, [file], root)
    expect([err, code]).toEqual(['', 0])
    const rust = JSON.parse(out) as Outcome
    expect(rust.fills).toEqual(result.outcome.fills)
    expect(rust.orders).toEqual(result.outcome.orders)
    expect(rust.stateHash).toBe(result.stateHash)
  })
})
