/**
 * Two timeframes: one-hour bars give the direction, one-minute bars the moment. Long when the hour rises and the minute
 * crosses its average upwards, short the other way round; out when the minute crosses back.
 */
import { type Bar, type Context, int, Strategy } from 'tickforge'

const parameters = {
  slow: int(2, { min: 1, max: 100, description: 'Bars of the slow average' }),
  fast: int(20, { min: 2, max: 500, description: 'Bars of the fast average' }),
  size: int(1, { min: 1, max: 100, description: 'Lots' }),
}

export default class TwoTimeframes extends Strategy.with(parameters) {
  static data = { bars: { fast: '1m', slow: '1h' } }

  private slow = this.indicator.sma(this.params.slow, { timeframe: 'slow' })
  private fast = this.indicator.sma(this.params.fast, { timeframe: 'fast' })
  /** 1 while the hour rises, -1 while it falls, 0 before its average is known. */
  private direction = 0

  onBar(bar: Bar, ctx: Context): void {
    if (bar.timeframe === '1h') {
      if (this.slow.ready) this.direction = Math.sign(bar.close - this.slow.value)
      return
    }
    if (!this.fast.ready) return
    const moment = Math.sign(bar.close - this.fast.value)
    const wanted = moment === this.direction ? this.direction * this.params.size : 0
    if (wanted !== ctx.position) ctx.target({ quantity: wanted })
  }
}
