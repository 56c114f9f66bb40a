/** Files that are not what they claim: each gives a clear error with its code, and leaves nothing behind. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  Backtest,
  type Bar,
  csv,
  type DataSource,
  dbn,
  parquet,
  type Quote,
  Strategy,
  TickforgeError,
} from '../../src/index.ts'
import { dbnFile, dbnHeader, randomRecords } from './dbn-file.ts'
import { esh4, filesBelow, marketMakerFile, temporaryFolder, tickforge } from './support.ts'
import { zstdFrame } from './zstd.ts'

const folder = temporaryFolder()
const write = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

class Quotes extends Strategy {
  static override data = { quotes: true }
  override onQuote(_quote: Quote): void {}
}
class Bars extends Strategy {
  static override data = { bars: '1m' }
  override onBar(_bar: Bar): void {}
}

/** What running on a source comes to: its error, or null. Whatever it is, nothing is left in the output folder. */
async function fail(data: DataSource, strategy: Strategy): Promise<TickforgeError | null> {
  const directory = mkdtempSync(join(folder, 'out-'))
  try {
    await new Backtest({ data, strategies: { strategy }, output: { directory, detailedLog: true } }).run()
    return null
  } catch (error) {
    if (!(error instanceof TickforgeError)) throw error
    expect(filesBelow(directory)).toEqual([])
    return error
  }
}

const good = dbnFile(randomRecords(400, 1), 'ESH4')
const headerLength = dbnHeader('ESH4').length
const changed = (at: number, bytes: readonly number[], from = good): Buffer => {
  const copy = Buffer.from(from)
  copy.set(bytes, at)
  return copy
}

describe('the file that all others are made from', () => {
  it('is read', async () => {
    expect(await fail(dbn(write('good.dbn', good)), new Quotes())).toBeNull()
  })
})

const dbnCases: [string, string, Buffer, string, RegExp][] = [
  ['is empty', 'a.dbn', Buffer.alloc(0), 'ERR_FEED_EMPTY', /is empty/],
  ['ends inside its header', 'b.dbn', good.subarray(0, 60), 'ERR_FEED_TRUNCATED', /ends inside/],
  ['ends inside a record', 'c.dbn', good.subarray(0, headerLength + 56 * 10 + 20), 'ERR_FEED_TRUNCATED', /at byte \d+/],
  ['claims a header of 4 GB', 'd.dbn', changed(4, [255, 255, 255, 255]), 'ERR_FEED_', /\d/],
  ['claims 4 billion symbols', 'e.dbn', changed(8 + 104, [255, 255, 255, 255]), 'ERR_FEED_', /\d/],
  ['has a record of length 0', 'f.dbn', changed(headerLength + 56, [0]), 'ERR_FEED_CORRUPT', /at byte \d+/],
  ['is of a version to come', 'g.dbn', changed(3, [9]), 'ERR_FEED_', /version/],
  ['is of the format before DBN', 'h.dbz', Buffer.from('502a4d18100000004442', 'hex'), 'ERR_FEED_FORMAT', /DBZ|dbz/],
  ['has lost its header', 'i.dbn', good.subarray(headerLength), 'ERR_FEED_FORMAT', /fragment|header/],
  ['is a text', 'j.dbn', Buffer.from('time,open,high,low,close\n1,2,3,4,5\n'), 'ERR_FEED_FORMAT', /accepted/],
  [
    'is of a schema without quotes',
    'k.dbn',
    changed(24, [4, 0], good.subarray(0, headerLength)),
    'ERR_',
    /quotes|schema/,
  ],
]

describe('a DBN file', () => {
  it.each(dbnCases)('that %s says so', async (_, name, content, code, message) => {
    const path = write(name, content)
    const error = await fail(dbn(path), new Quotes())
    expect(error).not.toBeNull()
    expect(error!.code).toContain(code)
    expect(error!.code).not.toBe('ERR_INTERNAL')
    expect(error!.message).toMatch(message)
    if (error!.code.startsWith('ERR_FEED')) expect(error!.details).toMatchObject({ file: path })
  })

  it('with any bit flipped is read or refused, never more', async () => {
    const outcomes = new Map<string, number>()
    let state = 99
    for (let time = 0; time < 150; time += 1) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      const at = (state >>> 3) % good.length
      const path = write('flipped.dbn', changed(at, [good[at]! ^ (1 << (state & 7))]))
      const error = await fail(dbn(path, { decode: time % 2 === 0 ? 'inline' : 'thread' }), new Quotes())
      const outcome = error?.code ?? 'read'
      expect(outcome, `bit of byte ${at}`).not.toBe('ERR_INTERNAL')
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect(outcomes.size).toBeGreaterThan(1)
  })

  it('that is compressed, and cut, damaged or not what it claims, says so', async () => {
    const packed = zstdFrame(good)
    expect(await fail(dbn(write('z.dbn.zst', packed)), new Quotes())).toBeNull()
    // Two frames are one file.
    const frames = [zstdFrame(good.subarray(0, 5000)), zstdFrame(good.subarray(5000))]
    expect(await fail(dbn(write('y.dbn.zst', Buffer.concat(frames))), new Quotes())).toBeNull()
    const cases: [string, Buffer, string][] = [
      ['cut.dbn.zst', packed.subarray(0, packed.length - 40), 'ERR_FEED_TRUNCATED'],
      ['damaged.dbn.zst', changed(4, [0xff], packed), 'ERR_FEED_CORRUPT'],
      ['larger.dbn.zst', zstdFrame(good, 4n << 30n), 'ERR_FEED_'],
      ['empty.dbn.zst', zstdFrame(Buffer.alloc(0)), 'ERR_FEED_'],
      ['text.dbn.zst', zstdFrame(Buffer.from('time,open\n1,2\n')), 'ERR_FEED_FORMAT'],
      ['plain.dbn.zst', Buffer.from('time,open\n1,2\n'), 'ERR_FEED_FORMAT'],
    ]
    for (const [name, content, code] of cases) {
      for (const decode of ['inline', 'thread'] as const) {
        const error = await fail(dbn(write(name, content), { decode }), new Quotes())
        expect(error?.code, name).toContain(code)
        expect(error?.message).toContain(name)
      }
    }
  })

  it.skipIf(esh4 === null)('of ESH4 that is cut says at which byte', async () => {
    const whole = readFileSync(esh4!)
    for (const decode of ['inline', 'thread'] as const) {
      const error = await fail(dbn(write('w.dbn.zst', whole.subarray(0, whole.length >> 1)), { decode }), new Quotes())
      expect(error).toMatchObject({
        code: 'ERR_FEED_TRUNCATED',
        message: expect.stringMatching(/w\.dbn\.zst at byte \d+/),
      })
    }
  })
})

const header = 'time,open,high,low,close,volume'
const row = (minute: number, rest = '100,101,99,100,5'): string => `2024-01-02T14:0${minute}:00Z,${rest}`
const csvCases: [string, string, string, Record<string, unknown>][] = [
  ['has a ragged row', `${header}\n${row(0)}\n${row(1, '100,101,99')}\n${row(2)}\n`, 'ERR_FEED_', { row: 2 }],
  ['has a row that is too long', `${header}\n${row(0)}\n${row(1)},7,8\n`, 'ERR_FEED_', { row: 2 }],
  ['has no header', `${row(0)}\n${row(1)}\n`, 'ERR_FEED_HEADER', {}],
  ['lacks a column', 'time,open,high,low\n2024-01-02T14:00:00Z,1,2,1\n', 'ERR_FEED_HEADER', {}],
  ['is empty', '', 'ERR_FEED_EMPTY', {}],
  [
    'has a word for a price',
    `${header}\n${row(0)}\n${row(1, '100,x,99,100,5')}\n`,
    'ERR_FEED_VALUE',
    { row: 2, field: 'high' },
  ],
  ['has NaN for a price', `${header}\n${row(0, '100,101,99,NaN,5')}\n`, 'ERR_FEED_VALUE', { row: 1 }],
  ['has a price beyond all bounds', `${header}\n${row(0, '100,1e30,99,100,5')}\n`, 'ERR_FEED_VALUE', { row: 1 }],
  ['has a time that is none', `${header}\nyesterday,100,101,99,100,5\n`, 'ERR_FEED_VALUE', { row: 1 }],
  ['goes back in time', `${header}\n${row(1)}\n${row(0)}\n`, 'ERR_FEED_', { row: 2 }],
  ['has a high below its low', `${header}\n${row(0, '100,90,99,95,5')}\n`, 'ERR_FEED_', { row: 1 }],
  ['has a negative volume', `${header}\n${row(0, '100,101,99,100,-5')}\n`, 'ERR_FEED_', { row: 1 }],
  ['is binary', '\u0000\u0001\u0002\u0003'.repeat(100), 'ERR_FEED_', {}],
]

describe('a CSV file', () => {
  it.each(csvCases)('that %s says so, with its row', async (_, content, code, details) => {
    const path = write('bars.csv', content)
    const error = await fail(csv(path, { symbol: 'AAA', timeframe: '1m', label: 'open' }), new Bars())
    expect(error?.message).toContain('bars.csv')
    expect(error?.code).toContain(code)
    expect(error?.code).not.toBe('ERR_INTERNAL')
    expect(error?.details).toMatchObject({ file: path, ...details })
  })

  it('without a label asks for it where the times do not tell', async () => {
    const path = write(
      'unlabelled.csv',
      `time,symbol,open,high,low,close\n${row(0).replace(',', ',A,').slice(0, -2)}\n`,
    )
    const error = await fail(csv(path), new Bars())
    expect(error?.message).toMatch(/label|timeframe/)
  })
})

describe('a Parquet file', () => {
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is a text', Buffer.from('time,open\n1,2\n')],
    ['has a footer of 4 GB', Buffer.from('PAR1xxxx\xff\xff\xff\xffPAR1', 'latin1')],
  ])('that %s says so', async (_, content) => {
    const path = write('bars.parquet', content)
    const error = await fail(parquet(path, { symbol: 'AAA', timeframe: '1m', label: 'open' }), new Bars())
    expect(error?.code).toMatch(/^ERR_FEED_/)
    expect(error?.message).toContain('bars.parquet')
  })
})

describe('the program', () => {
  it.each([
    ['run', (file: string) => ['run', marketMakerFile, '--data', file, '--out', 'written']],
    ['inspect', (file: string) => ['inspect', '--book', file]],
    ['convert', (file: string) => ['convert', file, 'written.parquet']],
  ])('%s ends with exit code 1 and the code, and writes nothing', async (name, words) => {
    const here = join(folder, name)
    mkdirSync(here)
    const path = write('cut.dbn', good.subarray(0, good.length - 30))
    const { code, out, err } = await tickforge(words(path), here)
    expect([code, out]).toEqual([1, name === 'inspect' ? expect.anything() : ''])
    expect(err).toContain('[ERR_FEED_TRUNCATED]')
    expect(err).toContain(basename(path))
    expect(filesBelow(here)).toEqual([])
  })
})
