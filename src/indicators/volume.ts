/** Volume-weighted average price. Twin of `crates/indicators/src/volume.rs`. */
import { Indicator, type IndicatorBar } from './indicator.ts'
import { Compensated } from './window.ts'

/**
 * Volume-weighted average price since the start or the last `reset`, of a bar's `(high + low + close) ÷ 3`. NaN while
 * the volume is 0; a bar with a negative volume is passed over.
 */
export class Vwap extends Indicator<IndicatorBar> {
  readonly #values = new Compensated()
  readonly #volumes = new Compensated()

  override update({ high, low, close, volume }: IndicatorBar): number {
    return this.updateTrade((high + low + close) / 3, volume)
  }

  /** Takes the next trade. */
  updateTrade(price: number, volume: number): number {
    const value = price * volume
    if (!(Number.isFinite(value) && volume >= 0)) return Number.NaN
    this.#values.add(value)
    this.#volumes.add(volume)
    const total = this.#volumes.value
    return this.keep(total > 0 ? this.#values.value / total : Number.NaN)
  }

  /** Begins anew: a session starts. */
  reset(): void {
    this.#values.clear()
    this.#volumes.clear()
    this.keep(Number.NaN)
  }
}
