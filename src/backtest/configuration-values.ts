/** Durations, decimals and points in time as people write them. */
import { TickforgeError } from '../errors.ts'

/**
 * A duration: a number with a unit, such as `'50us'`, `'10ms'`, `'1.5s'`, `'5m'`, `'1h'`, `'1d'`; `0` for none; or a
 * `bigint` of nanoseconds.
 */
export type Duration = `${number}${'ns' | 'us' | 'µs' | 'ms' | 's' | 'm' | 'h' | 'd' | 'w'}` | 0 | bigint

/** A price, quantity or amount: a number, or a text where every digit counts. */
export type Decimal = number | string

/** A point in time: ISO 8601 (UTC unless it names an offset), a `Date`, or a `bigint` of nanoseconds since 1970. */
export type TimePoint = string | Date | bigint

const unitNanos = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n, // micro sign
  μs: 1_000n, // Greek mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
} as const

const longestNanos = 2n ** 63n - 1n

/**
 * Nanoseconds of a duration, exact; fractions below a nanosecond are an error.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_DURATION`
 */
export function parseDuration(value: Duration | string | number, field = 'duration'): bigint {
  const refuse = (): TickforgeError =>
    new TickforgeError(
      'ERR_CONFIG_DURATION',
      `${field}: ${show(value)} is not a duration such as '50us', '10ms', '1s' or '5m'`,
      {
        details: { field, value: String(value), accepted: 'a number with one of the units ns us ms s m h d w' },
      },
    )
  if (typeof value === 'bigint') {
    if (value < 0n || value > longestNanos) throw refuse()
    return value
  }
  if (value === 0) return 0n
  const match = /^(\d{1,18})(?:\.(\d{1,18}))?\s*(ns|us|µs|μs|ms|s|m|h|d|w)$/.exec(String(value).trim())
  if (match === null) throw refuse()
  const unit = unitNanos[match[3] as keyof typeof unitNanos]
  const fraction = match[2] ?? ''
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(match[1] + fraction) * unit
  if (scaled % scale !== 0n || scaled / scale > longestNanos) throw refuse()
  return scaled / scale
}

/**
 * A timeframe such as `'1m'`, `'4h'` or `'1d'` in its shortest form: `'60m'` is `'1h'`.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_DURATION`
 */
export function canonicalTimeframe(value: string, field = 'timeframe'): string {
  const nanos = parseDuration(value as Duration, field)
  const unit = (['d', 'h', 'm', 's', 'ms'] as const).find(name => nanos > 0n && nanos % unitNanos[name] === 0n)
  if (unit !== undefined) return `${nanos / unitNanos[unit]}${unit}`
  throw new TickforgeError('ERR_CONFIG_DURATION', `${field}: a timeframe is a whole number of milliseconds`, {
    details: { field, value, accepted: "'250ms', '1s', '1m', '1h', '1d', …" },
  })
}

/**
 * A number as plain decimal digits (`1e-9` is `0.000000001`), every digit kept.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_DECIMAL`
 */
export function decimalText(value: Decimal, field: string): string {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(String(value).trim())
  if (match === null) {
    throw new TickforgeError('ERR_CONFIG_DECIMAL', `${field}: ${show(value)} is not a decimal number`, {
      details: { field, value: String(value), accepted: 'a number such as 0.25' },
    })
  }
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0')
  const at = Math.max(point, 1)
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(at).replace(/0+$/, '')
  const text = rest === '' ? integer : `${integer}.${rest}`
  return sign === '-' && text !== '0' ? `-${text}` : text
}

/**
 * Nanoseconds since 1970 as decimal digits. Texts may carry up to nine digits of a second, all of which count.
 *
 * @throws {@link TickforgeError} `ERR_CONFIG_TIME`
 */
export function timeText(value: TimePoint, field: string): string {
  const nanos = timeNanos(value)
  if (nanos === null || nanos < 0n || nanos >= 2n ** 64n) {
    throw new TickforgeError('ERR_CONFIG_TIME', `${field}: ${show(value)} is not a point in time`, {
      details: {
        field,
        value: String(value),
        accepted: "'2023-12-25', '2023-12-25T14:30:00.123456789Z', a Date, nanoseconds",
      },
    })
  }
  return nanos.toString()
}

function timeNanos(value: TimePoint): bigint | null {
  if (typeof value === 'bigint') return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : BigInt(value.getTime()) * 1_000_000n
  if (/^\d{10,20}$/.test(value)) return value.length >= 16 ? BigInt(value) : null
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?\s*(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    value,
  )
  if (match === null) return null
  const [, day, clock = '00:00', fraction = '', zone = 'Z'] = match
  const whole = Date.parse(`${day}T${clock.length === 5 ? `${clock}:00` : clock}${zone}`)
  if (Number.isNaN(whole) || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day) return null
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** A value as it stands in an error message. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') return String(value)
  return value instanceof Date ? 'Invalid Date' : Array.isArray(value) ? 'a list' : 'an object'
}
