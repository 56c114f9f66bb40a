import { Strategy } from 'tickforge'

/** Two averages that cross, always in the market. */
export default class First extends Strategy {
  static data = { bars: '1d' }
  fast = this.indicator.sma(10)
  slow = this.indicator.sma(30)

  onBar(_bar, ctx) {
    if (!this.slow.ready) return
    ctx.target({ percent: this.fast.value > this.slow.value ? 95 : -95 })
  }
}
