/** Checks of options that may come from plain JavaScript: kind, range and spelling, with the field named. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'
import { show } from './configuration-values.ts'

/** The error for a value that is not accepted. */
export function refused(field: string, value: unknown, accepted: string): TickforgeError {
  return new TickforgeError('ERR_CONFIG_VALUE', `${field}: ${show(value)} is not accepted; give ${accepted}`, {
    details: { field, value: typeof value === 'bigint' ? value.toString() : value, accepted },
  })
}

/** The error for a name that nothing reads. */
export function unknownKey(field: string, key: string, known: readonly string[]): TickforgeError {
  const full = field === '' ? key : `${field}.${key}`
  return new TickforgeError('ERR_CONFIG_UNKNOWN_KEY', `${full} is not a setting${suggestion(key, known)}`, {
    details: { field: full, accepted: known },
  })
}

/** Requires an object whose keys are all in `known`. */
export function checkKeys(value: unknown, field: string, known: readonly string[]): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw refused(field, value, 'an object')
  for (const key of Object.keys(value)) if (!known.includes(key)) throw unknownKey(field, key, known)
}

/** An integer from `min` to `max`. */
export function integer(value: unknown, field: string, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw refused(field, value, `a whole number from ${min} to ${max}`)
  }
  return value
}

/** A finite number from `min` to `max`. */
export function finite(value: unknown, field: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw refused(
      field,
      value,
      max === Number.MAX_VALUE ? `a number of at least ${min}` : `a number from ${min} to ${max}`,
    )
  }
  return value
}

/** One of a few words. */
export function oneOf<const T extends string>(value: unknown, field: string, words: readonly T[]): T {
  if (!words.includes(value as T)) {
    const hint = typeof value === 'string' ? suggestion(value, words) : ''
    throw refused(field, value, `${words.map(word => `'${word}'`).join(', ')}${hint}`)
  }
  return value as T
}

/** A text that is not empty. */
export function text(value: unknown, field: string): string {
  if (typeof value !== 'string' || value === '') throw refused(field, value, 'a text')
  return value
}

/** True or false. */
export function flag(value: unknown, field: string): boolean {
  if (typeof value !== 'boolean') throw refused(field, value, 'true or false')
  return value
}

/** An IANA time zone. */
export function timeZone(value: unknown, field: string): string {
  try {
    const zone = text(value, field)
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return zone
  } catch {
    throw refused(field, value, "an IANA time zone such as 'America/Chicago'")
  }
}

/** A list of texts. */
export function texts(value: unknown, field: string): string[] {
  if (!Array.isArray(value)) throw refused(field, value, 'a list')
  return value.map((entry, index) => text(entry, `${field}[${index}]`))
}

/** A finite number above zero, up to `max`. */
export function aboveZero(value: unknown, field: string, max: number): number {
  if (typeof value !== 'number' || !(value > 0 && value <= max)) {
    throw refused(field, value, `a number above 0, up to ${max}`)
  }
  return value
}
