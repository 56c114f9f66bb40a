/** `tickforge explain` as a person types it, on the market maker of the examples over a generated market. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Look, OrderExplanation } from '../../src/index.ts'
import { type Ended, marketMakerFile, temporaryFolder, tickforge } from './support.ts'

const folder = temporaryFolder()
const explain = (...words: string[]): Promise<Ended> => tickforge(['explain', ...words], folder)
const json = async (...words: string[]): Promise<Record<string, unknown>> => {
  const ended = await explain(...words, '--json')
  expect(ended.code, ended.err).toBe(0)
  return JSON.parse(ended.out) as Record<string, unknown>
}

/** A run of the market maker over 20,000 generated records. */
async function run(name: string, changes = '', feed = ''): Promise<void> {
  const file = join(folder, `${name}.yaml`)
  const strategy = `{ type: ${marketMakerFile}, name: maker, parameters: { width: 1 }${feed} }`
  const data = 'data_source: { type: synthetic, records: 20000, seed: 3 }'
  const text = `backtest:\n  ${data}\n${changes}  output: { directory: ${name} }\n  seed: 7\nstrategies:\n  - ${strategy}\n`
  writeFileSync(file, text)
  const ended = await tickforge(['run', file, '--no-report'], folder)
  expect(ended.code, ended.err).toBe(0)
}

beforeAll(async () => {
  await run('one')
  await run('same')
  await run('late', '  execution: { latency_model: { type: fixed, network_latency_us: 900 } }\n')
}, 60_000)

describe('an order', () => {
  it('is told line by line, the rule first, as text and as JSON', async () => {
    const text = await explain('one', '--order', '1')
    expect(text.err).toBe('')
    expect(text.out).toMatch(
      /^order 1 of maker: (buy|sell) 1 \S+ @ [\d.]+ \(limit\): \w+\n(filled because|not filled: )/,
    )
    for (const part of [
      'strategy  sends 1 @',
      'venue     order arrives',
      'venue     accepted',
      'takes its place at the back',
    ])
      expect(text.out).toContain(part)
    expect(text.out, 'no colour where there is no terminal').not.toContain('\u001b')
    const { order } = (await json('one', '--order', '1')) as { order: OrderExplanation }
    expect(order).toMatchObject({ strategy: 'maker', number: 1, omitted: 0 })
    expect(order.lines[0]).toMatchObject({ place: 'strategy', step: 'submitted' })
    // The file in the folder is as good as the folder.
    expect((await json('one/run.json', '--order', '1', '--strategy', 'maker'))['order']).toEqual(order)
  })

  it('that is not there is named, with how many there are', async () => {
    const ended = await explain('one', '--order', '9999999')
    expect([ended.code, ended.out]).toEqual([1, ''])
    expect(ended.err).toMatch(/maker has no order 9999999: it submitted \d+ \[ERR_EXPLAIN_ORDER\]/)
    const wrong = await explain('one', '--order', '1', '--strategy', 'makr')
    expect(wrong.err).toContain("the run has no strategy 'makr' (did you mean 'maker'?) [ERR_EXPLAIN_STRATEGY]")
  })

  it.each([
    [['one'], 'name what to explain: --order N, --at TIME, or a second result'],
    [['one', '--order', '0'], 'order 0 is the closing at the end of a run'],
    [['one', '--order', 'x'], 'give the number of an order, from 1'],
    [['nowhere', '--order', '1'], 'there is no such result'],
    [['.', '--order', '1'], 'there is no run.json in it'],
    [['one', 'same', 'late'], 'explain takes one result, or two to compare'],
    [['one', 'same', '--order', '1'], '--order is for one result'],
    [['one', '--ordr', '1'], "unknown option '--ordr'"],
  ])('%j is wrong usage', async (words, message) => {
    const ended = await explain(...words)
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toContain(message)
  })

  it('of a strategy that was made in code is asked for there', async () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'one/run.json'), 'utf8'))
    const [strategy] = manifest.configuration.strategies
    const configuration = { ...manifest.configuration, strategies: [{ ...strategy, source: null }] }
    writeFileSync(join(folder, 'code-run.json'), JSON.stringify({ ...manifest, configuration }))
    const ended = await explain('code-run.json', '--order', '1')
    expect([ended.code, ended.out]).toEqual([2, ''])
    expect(ended.err).toContain("the strategy 'maker' was made in code")
  })

  it('is refused when the run is not the same again', async () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'one/run.json'), 'utf8'))
    writeFileSync(join(folder, 'other-run.json'), JSON.stringify({ ...manifest, state_hash: 'ab'.repeat(32) }))
    const ended = await explain('other-run.json', '--order', '1')
    expect([ended.code, ended.out]).toEqual([1, ''])
    expect(ended.err).toContain('made again is another run')
    expect(ended.err).toContain('[ERR_EXPLAIN_DIFFERS]')
  })
})

describe('a moment', () => {
  it('shows book, own orders and account as the venue has them', async () => {
    const { order } = (await json('one', '--order', '1')) as { order: OrderExplanation }
    const arrival = order.lines.find(({ step }) => step === 'accepted')
    const at = String(BigInt(arrival?.time as string) + 1n)
    const { look } = (await json('one', '--at', at)) as { look: Look }
    expect(look.time).toBe(at)
    const [market] = look.markets
    expect(market?.bids).toHaveLength(10)
    expect(market?.bids[0]?.price).toBe(arrival?.bid)
    expect(market?.asks[0]?.price).toBe(arrival?.ask)
    const placed = order.lines.find(({ step }) => step === 'queue')
    const own = market?.own.find(found => found.order === 1)
    expect(own).toMatchObject({ strategy: 'maker', side: order.side, price: order.price, ahead: placed?.ahead })
    expect(look.accounts[0]).toMatchObject({ account: 'maker', cash: 100_000, equity: 100_000, positions: [] })
    const text = await explain('one', '--at', at)
    expect(text.out).toMatch(/bid size +bid +ask +ask size/)
    expect(text.out).toMatch(/maker 1: (buy|sell) 1 @ [\d.]+, \d+ in \d+ ahead/)
  })

  it('before the beginning and after the end is the nearest of the run', async () => {
    const first = ((await json('one', '--at', '1990-01-01')) as { look: Look }).look
    const last = ((await json('one', '--at', '2190-01-01')) as { look: Look }).look
    expect(BigInt(first.time)).toBeLessThan(BigInt(last.time))
    expect(first.accounts[0]?.positions).toEqual([])
    const wrong = await explain('one', '--at', 'noon')
    expect([wrong.code, wrong.err.includes('ERR_CONFIG_TIME')]).toEqual([2, true])
  })
})

describe('two results', () => {
  it('of the same run are the same', async () => {
    const same = await json('one', 'same')
    expect(same).toMatchObject({ same: true, settings: [], a: null, b: null, fields: [] })
    expect((await explain('one', 'same')).out).toMatch(/^the same run: [\d]+ order events, state hash [0-9a-f]{64}\n$/)
  })

  it('that part do so at the first event that is not the same', async () => {
    const parting = await json('one', 'late')
    expect(parting['same']).toBe(false)
    const settings = parting['settings'] as { setting: string }[]
    expect(settings.map(({ setting }) => setting)).toContain('venue.latency.submitNs')
    // The first commands are the same; the first answer comes later.
    expect(parting['common']).toBeGreaterThanOrEqual(1)
    const { a, b, fields } = parting as { a: { time: string }; b: { time: string }; fields: string[] }
    expect(a).not.toEqual(b)
    expect(fields.length).toBeGreaterThan(0)
    const text = await explain('one', 'late')
    expect(text.out).toContain('setting venue.latency.submitNs: A ')
    expect(text.out).toMatch(/they part at order event \d+, in .*\n( {2}= {2}.*\n)+ {2}A {2}.*\n {2}B {2}.*\n$/)
  })
})
