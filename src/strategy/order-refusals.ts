/** Errors for options of orders. */
import { TickforgeError } from '../errors.ts'
import { suggestion } from '../suggest.ts'

/** The error for an option that is not accepted. */
export function refusedOption(option: string, value: unknown, accepted: string): TickforgeError {
  const shown = typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? 'an object' : String(value)
  return new TickforgeError('ERR_ORDER_OPTION', `${option}: ${shown} is not accepted; give ${accepted}`, {
    details: { option, value, accepted },
  })
}

/** Requires an object without unknown keys. */
export function checkOptions(options: unknown, call: string, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw refusedOption(call, options, `an object with ${known.join(', ')}`)
  }
  for (const key in options) {
    if (known.includes(key)) continue
    throw new TickforgeError('ERR_ORDER_OPTION', `${call} knows no option '${key}'${suggestion(key, known)}`, {
      details: { option: key, accepted: known },
    })
  }
}
