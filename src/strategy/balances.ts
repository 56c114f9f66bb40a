/** What an account has of each currency, as the reports seen so far make it, and what that is worth. */
import type { NativeRate } from '../native/binding.ts'
import type { InstrumentContext } from './instrument-context.ts'

/** Balances by currency, the account's own first. */
export class Balances {
  /** The account's own currency. */
  readonly currency: string
  private readonly amounts = new Map<string, number>()
  private readonly rates: ReadonlyMap<string, NativeRate>

  /** What an account of these balances has at the start. */
  constructor(currency: string, balances: Readonly<Record<string, number>>, rates: readonly NativeRate[]) {
    this.currency = currency
    for (const [code, amount] of Object.entries(balances)) this.amounts.set(code, amount)
    this.rates = new Map(rates.map(rate => [rate.currency, rate]))
  }

  /** The codes of all currencies that the account can hold. */
  get codes(): readonly string[] {
    return [...this.amounts.keys()]
  }

  /** Cash in a currency; `undefined` where the account cannot hold it. */
  of(code: string): number | undefined {
    return this.amounts.get(code)
  }

  /** Takes what a report on an instrument in this currency says; of one that the account cannot hold it says nothing. */
  set(code: string, amount: number): void {
    if (this.amounts.has(code)) this.amounts.set(code, amount)
  }

  /**
   * Cash and positions in the account's own currency: what is there at the rate at which it could be sold, what is owed
   * at the one at which it could be bought. NaN where something has no rate yet.
   */
  equity(contexts: readonly InstrumentContext[]): number {
    let equity = 0
    for (const [code, cash] of this.amounts) {
      let sum = cash
      for (const context of contexts) {
        if (context.position !== 0 && context.instrument.currency === code) sum += context.positionValue()
      }
      if (sum !== 0) equity += code === this.currency ? sum : sum * this.rate(code, sum > 0, contexts)
    }
    return equity
  }

  private rate(code: string, isOwned: boolean, contexts: readonly InstrumentContext[]): number {
    const rate = this.rates.get(code)
    if (rate === undefined) return Number.NaN
    if (rate.instrument === null) return rate.rate ?? Number.NaN
    const context = contexts[rate.instrument]!
    const touch = isOwned === rate.inverse ? context.ask : context.bid
    const price = Number.isNaN(touch) ? context.last : touch
    if (Number.isNaN(price)) return rate.rate ?? Number.NaN
    return rate.inverse ? 1 / price : price
  }
}
