/** The one error class of the package, and the table of the codes that its TypeScript side raises. */

/**
 * Every code that TypeScript raises, with what it means. Codes of the Rust side travel through unchanged and are
 * listed, like these, in `docs/guide/errors.md`; a test keeps table, code and page in step.
 */
export const errorCodes = {
  ERR_ABORTED: 'The work was interrupted.',
  ERR_ACCOUNT_CURRENCY: 'A balance is asked for in a currency that the account cannot hold.',
  ERR_BOOK_OPTION: 'An argument of an order book is not accepted.',
  ERR_CONFIG_DECIMAL: 'A price, quantity or amount is not a decimal number.',
  ERR_CONFIG_DURATION: "A duration is not a number with a unit, such as '50us' or '5m'.",
  ERR_CONFIG_FILE: 'A configuration file cannot be read.',
  ERR_CONFIG_MISSING: 'A setting that has no default is missing.',
  ERR_CONFIG_MODEL: "The function of a model of one's own is not there.",
  ERR_CONFIG_SYNTAX: 'A configuration file is not valid YAML or JSON.',
  ERR_CONFIG_TIME: 'A point in time is not an ISO 8601 text, a Date, or nanoseconds since 1970.',
  ERR_CONFIG_UNKNOWN_KEY: 'A setting has a name that nothing reads.',
  ERR_CONFIG_VALUE: 'A setting has a value that is not accepted.',
  ERR_CONTEXT_AMBIGUOUS: 'What belongs to one instrument was asked of a context with several.',
  ERR_CONTEXT_COUNT: 'A number of bars or trades of the past is not accepted.',
  ERR_CONTEXT_OUTSIDE: 'A strategy acted outside of its handlers.',
  ERR_EXPLAIN_DIFFERS: 'A run that was made again to be explained is not the run that it was.',
  ERR_EXPLAIN_ORDER: 'There is no order of this number to explain.',
  ERR_EXPLAIN_STRATEGY: 'An explanation is asked of a strategy that the run does not have.',
  ERR_INDICATOR_FACTOR: 'A factor of an indicator is negative or not finite.',
  ERR_INDICATOR_LATE: 'An indicator was made while the run goes on.',
  ERR_INDICATOR_OPTION: 'An option of an indicator is not accepted.',
  ERR_INDICATOR_PERIOD: 'A period of an indicator is not a whole number in its range.',
  ERR_INTERNAL: 'The engine failed in a way that is a fault of tickforge.',
  ERR_LOADER_EXPORT: 'A strategy file has no default export that is a strategy class.',
  ERR_LOADER_NOT_FOUND: 'A strategy file, or a file that it imports, does not exist.',
  ERR_LOADER_RUN: 'A strategy file threw while it was being loaded.',
  ERR_LOADER_SYNTAX: 'A strategy file is not valid TypeScript or JavaScript.',
  ERR_NATIVE_LAYOUT: 'The native addon and the package are of different builds.',
  ERR_NATIVE_LOAD: 'The native addon is absent or cannot be loaded here.',
  ERR_ORDER_INSTRUMENT: 'A strategy names an instrument that it does not see.',
  ERR_ORDER_OFF_LOT: 'A quantity is not a multiple of the lot size.',
  ERR_ORDER_OFF_TICK: 'A price is not a multiple of the tick size.',
  ERR_ORDER_OPTION: 'An option of an order is not accepted.',
  ERR_ORDER_PRICE: 'A price is not one that an order can have.',
  ERR_ORDER_QUANTITY: 'A quantity or amount is not one that an order can have.',
  ERR_ORDER_TOO_MANY: 'The handlers of one row give more commands than fit.',
  ERR_ORDER_UNKNOWN: 'There is no such order.',
  ERR_PARAMETER_UNKNOWN: 'A parameter has a name that the strategy does not declare.',
  ERR_PARAMETER_VALUE: 'A parameter has a value that is not accepted.',
  ERR_RECORD_NAMES: 'A strategy records metrics or plots under too many names.',
  ERR_RECORD_VALUE: 'A metric or plot has no name, or a value that is no number.',
  ERR_REPORT_COLUMNS: 'A series of a report has columns of different lengths.',
  ERR_REPORT_SCRIPT: "The script of the report's page was not built.",
  ERR_STRATEGY_ASYNC: 'A handler returned a promise or a value.',
  ERR_STRATEGY_NEEDS: 'A strategy has a handler or indicator that nothing feeds.',
  ERR_STRATEGY_THREW: 'A handler threw; the cause is what it threw.',
  ERR_STRATEGY_USED: 'A strategy instance has run already.',
  ERR_USAGE: 'A command was called with an argument or option that it does not accept.',
  ERR_VIEW_EXPIRED: 'A view was used after its handler had returned (debug mode).',
  ERR_VIEW_NOT_DECLARED: 'A strategy reads what it has not declared.',
} as const

/** A code of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes

/** What a {@link TickforgeError} is made with besides code and message. */
export interface TickforgeErrorOptions {
  /** The field, value, file, row or byte at fault, and what would be accepted. */
  readonly details?: Readonly<Record<string, unknown>>
  /** What this error was caused by. */
  readonly cause?: unknown
}

/**
 * An error of tickforge. Callers switch on {@link TickforgeError.code}; the message is for people and may change.
 *
 * @example
 * ```ts
 * try { await backtest.run() } catch (error) {
 *   if (error instanceof TickforgeError && error.code === 'ERR_FEED_OUT_OF_ORDER') console.error(error.details)
 *   else throw error
 * }
 * ```
 */
export class TickforgeError extends Error {
  /** The stable code `ERR_<AREA>_<REASON>`: one of {@link errorCodes}, or a code of the Rust side. */
  readonly code: string
  /** The field, value, file, row or byte at fault, and what would be accepted. */
  readonly details: Readonly<Record<string, unknown>>

  /** Makes an error; `options.cause` is what led to it. */
  constructor(code: ErrorCode | (string & {}), message: string, options: TickforgeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** `'TickforgeError'`. */
  override get name(): string {
    return 'TickforgeError'
  }

  /** The error as one JSON document: `{ code, message, details }`. */
  toJSON(): { code: string; message: string; details: Readonly<Record<string, unknown>> } {
    return { code: this.code, message: this.message, details: this.details }
  }
}
