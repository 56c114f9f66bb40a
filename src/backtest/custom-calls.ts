/** How the engine calls models of one's own: numbers in, one number out, whatever the model does. */
import type { NativeModelFunctions } from '../native/binding.ts'
import type { VenueOptions } from './configuration-models.ts'
import { functionOf } from './custom-models.ts'

const isNumber = (value: number): number | null => (Number.isNaN(value) ? null : value)
const sideOf = (sign: number): 'buy' | 'sell' => (sign > 0 ? 'buy' : 'sell')

/** The models of one run. */
export class CustomCalls {
  /** What the engine calls; undefined where there is no model of one's own. */
  readonly functions: NativeModelFunctions | undefined
  /** What a model threw. */
  thrown: unknown

  /**
   * Takes the models out of a venue's options.
   *
   * @throws {@link TickforgeError} `ERR_CONFIG_MODEL` when the function of one is not there
   */
  constructor({ fees, slippage, fill }: VenueOptions) {
    const functions: { -readonly [K in keyof NativeModelFunctions]: NativeModelFunctions[K] } = {}
    if (fees?.type === 'custom') {
      const model = functionOf(fees, 'venue.fees')
      functions.fees = (symbol, side, maker, price, quantity, notional, traded, charged, before, time, estimate) =>
        this.ask(model, {
          symbol,
          side: sideOf(side),
          liquidity: maker === 1 ? 'maker' : 'taker',
          price,
          quantity,
          notional,
          traded,
          orderFees: charged,
          orderNotional: before,
          time,
          isEstimate: estimate === 1,
        })
    }
    if (slippage?.type === 'custom') {
      const model = functionOf(slippage, 'venue.slippage')
      functions.slippage = (symbol, side, price, quantity, spread, share, time) =>
        this.ask(model, {
          symbol,
          side: sideOf(side),
          price,
          quantity,
          spread: isNumber(spread),
          volumeShare: isNumber(share),
          time,
        })
    }
    if (fill?.custom !== undefined) {
      const model = functionOf(fill.custom, 'venue.fill.custom')
      functions.fill = (symbol, side, price, quantity, leaves, visit, arrived, time, proven) =>
        this.ask(model, {
          symbol,
          side: sideOf(side),
          price,
          quantity,
          leaves,
          visit,
          arrived,
          time,
          isProven: proven === 1,
        })
    }
    this.functions = Object.keys(functions).length === 0 ? undefined : functions
  }

  /** The answer of a model; a text that begins with `!` for what it threw, with `?` for what is no number. */
  private ask<Q>(model: (question: Q) => unknown, question: Q): number | string {
    try {
      const answer = model(question)
      if (typeof answer === 'number') return answer
      // Nobody waits for it: a later rejection must not end the process.
      if (answer instanceof Promise) answer.catch(() => {})
      return `?${answer instanceof Promise ? 'a promise' : typeof answer === 'string' ? `'${answer}'` : kind(answer)}`
    } catch (error) {
      this.thrown = error
      return `!${error instanceof Error ? error.message : kind(error)}`
    }
  }
}

/** A value in words, whatever it is. */
function kind(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
