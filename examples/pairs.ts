/**
 * Pairs: two instruments that go together. It sells the one that has become dear against the other and buys the one
 * that has become cheap, for the same amount of money, and closes both when their ratio is back.
 */
import { type BarSlice, type Context, float, int, Strategy } from 'tickforge'

const parameters = {
  window: int(30, { min: 5, max: 500, description: 'Bars of mean and deviation of the ratio' }),
  enter: float(1.5, { min: 0, max: 10, description: 'Deviations from the mean at which it enters' }),
  leave: float(0.3, { min: 0, max: 10, description: 'Deviations from the mean at which it leaves' }),
  percent: float(40, { min: 1, max: 100, description: 'Percentage of the equity on each side' }),
}

export default class Pairs extends Strategy.with(parameters) {
  static data = { bars: '1d' }

  private readonly ratios: number[] = []
  private side = 0

  onBars(slice: BarSlice, ctx: Context): void {
    const [first, second] = ctx.instruments
    if (first === undefined || second === undefined) return
    const [one, other] = [slice.get(first.symbol), slice.get(second.symbol)]
    if (one === undefined || other === undefined) return
    const score = this.score(one.close / other.close)
    if (Number.isNaN(score)) return
    ctx.plot('z-score', score)
    const { enter, leave, percent } = this.params
    let side = this.side
    if (Math.abs(score) > enter) side = score > 0 ? -1 : 1
    else if (Math.abs(score) < leave) side = 0
    if (side === this.side) return
    this.side = side
    first.target({ percent: side * percent })
    second.target({ percent: -side * percent })
  }

  /** How many deviations a ratio lies from the mean of those before it; NaN while there are too few. */
  private score(ratio: number): number {
    const { ratios } = this
    const { window } = this.params
    const enough = ratios.length === window
    const mean = ratios.reduce((sum, value) => sum + value, 0) / window
    const variance = ratios.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (window - 1)
    ratios.push(ratio)
    if (ratios.length > window) ratios.shift()
    return enough && variance > 0 ? (ratio - mean) / Math.sqrt(variance) : Number.NaN
  }
}
