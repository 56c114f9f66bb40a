/** Moving-average momentum on bars: long while the fast average is above the slow one, short otherwise. */
import { type Bar, type Context, int, Strategy } from 'tickforge'

const parameters = { fast: int(10, { min: 2, max: 200 }), slow: int(30, { min: 3, max: 400 }) }

export default class Momentum extends Strategy.with(parameters) {
  static data = { bars: '1d' }

  fast = this.indicator.sma(this.params.fast)
  slow = this.indicator.sma(this.params.slow)
  isLong: boolean | null = null

  onBar(_bar: Bar, ctx: Context): void {
    if (!this.slow.ready) return
    const isLong = this.fast.value > this.slow.value
    if (isLong === this.isLong) return
    this.isLong = isLong
    ctx.target({ percent: isLong ? 95 : -95 })
  }
}
