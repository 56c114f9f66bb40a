import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Atr,
  Bollinger,
  Donchian,
  Ema,
  Highest,
  type Indicator,
  type IndicatorBar,
  Lowest,
  Macd,
  Roc,
  Rsi,
  Sma,
  StdDev,
  Vwap,
  Wma,
  ZScore,
} from '../src/indicators/index.ts'

/** The bars of `crates/indicators/tests/twin.rs`. */
function bars(): IndicatorBar[] {
  let state = 12_345
  const unit = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) / 16_777_216
  }
  let close = 100
  return Array.from({ length: 3_000 }, (_, at) => {
    const [step, up, down, size] = [unit(), unit(), unit(), unit()]
    const flat = at >= 1_000 && at < 1_050
    if (!flat) close += step - 0.5
    const spread = flat ? 0 : 1
    const bar = { high: close + up * spread, low: close - down * spread, close, volume: size * 1e3 }
    return at % 97 === 96 ? { ...bar, close: Number.NaN } : bar
  })
}

function digest(answers: (bar: IndicatorBar) => number[]): string {
  let hash = 0xcbf29ce484222325n
  const view = new DataView(new ArrayBuffer(8))
  for (const bar of bars()) {
    for (const value of answers(bar)) {
      if (Number.isNaN(value)) view.setBigUint64(0, 0x7ff8000000000000n, true)
      else view.setFloat64(0, value, true)
      for (let index = 0; index < 8; index += 1) {
        hash = BigInt.asUintN(64, (hash ^ BigInt(view.getUint8(index))) * 0x100000001b3n)
      }
    }
  }
  return hash.toString(16).padStart(16, '0')
}

const ofCloses = (indicator: Indicator<number>): string => digest(bar => [indicator.update(bar.close)])

function ofParts<I extends Indicator<IndicatorBar>>(indicator: I, parts: (indicator: I) => number[]): string {
  return digest(bar => {
    const isPassedOver = Number.isNaN(indicator.update(bar))
    return isPassedOver ? parts(indicator).map(() => Number.NaN) : parts(indicator)
  })
}

describe('the twins of the Rust indicators', () => {
  const expected = JSON.parse(readFileSync('crates/indicators/tests/twin.json', 'utf8')) as Record<string, string>
  const found: Record<string, () => string> = {
    'sma 10': () => ofCloses(new Sma(10)),
    'sma 1': () => ofCloses(new Sma(1)),
    'ema 10': () => ofCloses(new Ema(10)),
    'wma 10': () => ofCloses(new Wma(10)),
    'rsi 14': () => ofCloses(new Rsi(14)),
    'roc 12': () => ofCloses(new Roc(12)),
    'highest 20': () => ofCloses(new Highest(20)),
    'lowest 20': () => ofCloses(new Lowest(20)),
    'stddev 20': () => ofCloses(new StdDev(20)),
    'stddev 20 sample': () => ofCloses(new StdDev(20, 'sample')),
    'zscore 20': () => ofCloses(new ZScore(20)),
    'macd 12 26 9': () => ofParts(new Macd(), macd => [macd.value, macd.signal, macd.histogram]),
    'bollinger 20 2': () => ofParts(new Bollinger(), bands => [bands.upper, bands.middle, bands.lower]),
    'atr 14': () => digest(bar => [atr.update(bar)]),
    vwap: () => digest(bar => [vwap.update(bar)]),
    'donchian 20': () => ofParts(new Donchian(20), channel => [channel.upper, channel.middle, channel.lower]),
  }
  const atr = new Atr()
  const vwap = new Vwap()

  it('cover the same indicators', () => {
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
  })

  it.each(Object.entries(found))('%s has the same bits', (name, compute) => {
    expect(compute()).toBe(expected[name])
  })
})

describe('an indicator', () => {
  it('passes over what is not finite and keeps its state', () => {
    const sma = new Sma(2)
    sma.update(1)
    expect(sma.update(Number.NaN)).toBeNaN()
    expect(sma.ready).toBe(false)
    expect(sma.update(3)).toBe(2)
    expect(sma.update(Number.POSITIVE_INFINITY)).toBeNaN()
    expect(sma.value).toBe(2)
  })

  it('takes a bar where it takes a price', () => {
    expect(new Sma(1).update({ close: 5 })).toBe(5)
    expect(new Highest(1).update({ high: 7 })).toBe(7)
    expect(new Lowest(1).update({ low: 3 })).toBe(3)
  })

  it('keeps a history of its values, oldest first', () => {
    const sma = new Sma(2)
    for (const x of [1, 3, 5, 7]) sma.update(x)
    expect(sma.history(2)).toEqual([4, 6])
    expect(sma.history(10)).toEqual([2, 4, 6])
    expect(new Sma(2).history(3)).toEqual([])
  })

  it.each([0, -1, 1.5, Number.NaN, 1_000_001])('refuses the period %d', n => {
    expect(() => new Sma(n)).toThrow(expect.objectContaining({ code: 'ERR_INDICATOR_PERIOD' }))
  })

  it('refuses arguments that make no sense together', () => {
    expect(() => new Macd(26, 12)).toThrow(expect.objectContaining({ code: 'ERR_INDICATOR_PERIOD' }))
    expect(() => new Bollinger(20, -1)).toThrow(expect.objectContaining({ code: 'ERR_INDICATOR_FACTOR' }))
  })

  it('starts a new session when told', () => {
    const vwap = new Vwap()
    vwap.updateTrade(10, 1)
    vwap.updateTrade(20, 1)
    expect(vwap.value).toBe(15)
    vwap.reset()
    expect(vwap.ready).toBe(false)
    vwap.updateTrade(7, 2)
    expect(vwap.value).toBe(7)
    expect(vwap.updateTrade(9, -1)).toBeNaN()
  })
})

describe('a window sum', () => {
  const prices = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 })

  it('depends on its window only, however long the stream before it', () => {
    fc.assert(
      fc.property(prices, fc.integer({ min: 1, max: 20 }), (values, n) => {
        const long = new Sma(n)
        for (const value of values) long.update(value)
        const aligned = Math.floor((values.length - 1) / n) * n
        const start = Math.max(0, aligned - n) // the block before, which is where a window can begin
        const short = new Sma(n)
        for (const value of values.slice(start)) short.update(value)
        expect(long.value).toBe(short.value)
      }),
    )
  })

  it('is the exact mean, rounded once or twice, whatever the order of size', () => {
    const sma = new Sma(3)
    for (const x of [1e16, 1, -1e16]) sma.update(x)
    expect(sma.value).toBe(1 / 3)
  })
})
