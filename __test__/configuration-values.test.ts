import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalTimeframe, decimalText, parseDuration, timeText } from '../src/backtest/configuration-values.ts'

const code = (value: string) => expect.objectContaining({ code: value })

describe('a duration', () => {
  it.each([
    ['50us', 50_000n],
    ['50µs', 50_000n],
    ['10ms', 10_000_000n],
    ['1.5s', 1_500_000_000n],
    ['5m', 300_000_000_000n],
    ['1h', 3_600_000_000_000n],
    ['2d', 172_800_000_000_000n],
    ['1w', 604_800_000_000_000n],
    ['0.000001ms', 1n],
    [0, 0n],
    [7n, 7n],
  ] as const)('%s is exact', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos)
  })

  it.each(['', '5', 'us', '-1s', '1.5', '0.5ns', '1 week', '1e3s', '999999999d'])('%j is refused', text => {
    expect(() => parseDuration(text)).toThrow(code('ERR_CONFIG_DURATION'))
  })
})

describe('a timeframe', () => {
  it.each([
    ['60m', '1h'],
    ['24h', '1d'],
    ['90s', '90s'],
    ['1500ms', '1500ms'],
    ['1w', '7d'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalTimeframe(text)).toBe(canonical)
  })

  it.each(['0s', '7ns', '1.5us', 'daily'])('%s is refused', text => {
    expect(() => canonicalTimeframe(text)).toThrow(code('ERR_CONFIG_DURATION'))
  })
})

describe('a decimal', () => {
  it.each([
    [0.25, '0.25'],
    [1e-9, '0.000000001'],
    [1e21, '1000000000000000000000'],
    ['1.50', '1.5'],
    ['-0.0', '0'],
    ['007', '7'],
    ['1.25e2', '125'],
    ['12.5e-2', '0.125'],
    [-3, '-3'],
  ])('%s is %s', (value, text) => {
    expect(decimalText(value, 'x')).toBe(text)
  })

  it.each(['', 'abc', '1,5', '.5', '0x10', Number.NaN, Number.POSITIVE_INFINITY])('%s is refused', value => {
    expect(() => decimalText(value, 'x')).toThrow(code('ERR_CONFIG_DECIMAL'))
  })

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
        expect(Number(decimalText(value, 'x'))).toBe(value === 0 ? 0 : value)
      }),
    )
  })
})

describe('a point in time', () => {
  it.each([
    ['2023-12-25', '1703462400000000000'],
    ['2023-12-25T14:30:00.123456789Z', '1703514600123456789'],
    ['2023-12-25 14:30', '1703514600000000000'],
    ['2023-12-25T14:30:00-06:00', '1703536200000000000'],
    ['1703462400000000000', '1703462400000000000'],
    [1_703_462_400_000_000_001n, '1703462400000000001'],
    [new Date('2023-12-25T00:00:00Z'), '1703462400000000000'],
  ])('%s is exact', (value, text) => {
    expect(timeText(value, 'start')).toBe(text)
  })

  it.each(['', 'yesterday', '2023-13-01', '2023-02-30', '1703462400', '1969-01-01', -1n, new Date(Number.NaN)])(
    '%s is refused',
    value => {
      expect(() => timeText(value, 'start')).toThrow(code('ERR_CONFIG_TIME'))
    },
  )
})
