/**
 * Order-book imbalance: long while much more is bid than offered in the best ten levels, short while much less is,
 * flat in between. The imbalance is plotted in the report.
 */
import { type Context, type Depth, float, int, Strategy } from 'tickforge'

const parameters = {
  levels: int(10, { min: 1, max: 10, description: 'Levels of each side that are counted' }),
  enter: float(0.5, { min: 0, max: 1, description: 'Imbalance above which it takes a position' }),
  leave: float(0.1, { min: 0, max: 1, description: 'Imbalance below which it gives it up' }),
  size: int(1, { min: 1, max: 100, description: 'Position in lots' }),
}

export default class Imbalance extends Strategy.with(parameters) {
  static data = { depth: 10 }

  private wanted = 0
  private signals = 0

  onStart(ctx: Context): void {
    ctx.every('1s', 'plot')
  }

  onDepth(depth: Depth, ctx: Context): void {
    // Before the open the book is crossed, and a side may be empty.
    if (!(depth.bid < depth.ask)) return
    const { enter, leave, size } = this.params
    const imbalance = this.imbalanceOf(depth)
    const strength = Math.abs(imbalance)
    let wanted = this.wanted
    if (strength > enter) wanted = imbalance > 0 ? size : -size
    else if (strength < leave) wanted = 0
    if (wanted === this.wanted) return
    this.wanted = wanted
    this.signals += 1
    ctx.target({ quantity: wanted })
  }

  onTimer(_timer: unknown, ctx: Context): void {
    if (ctx.book.bidLevels > 0 && ctx.book.askLevels > 0) ctx.plot('imbalance', this.imbalanceOf(ctx.book))
  }

  onStop(ctx: Context): void {
    ctx.metric('signals', this.signals)
  }

  /** From -1 (everything is offered) to 1 (everything is bid); near levels weigh more. */
  private imbalanceOf(book: Pick<Depth, 'bidLevels' | 'askLevels' | 'bidSize' | 'askSize'>): number {
    const levels = Math.min(this.params.levels, book.bidLevels, book.askLevels)
    let [bid, ask] = [0, 0]
    for (let level = 0; level < levels; level++) {
      bid += book.bidSize(level) / (level + 1)
      ask += book.askSize(level) / (level + 1)
    }
    return bid + ask === 0 ? 0 : (bid - ask) / (bid + ask)
  }
}
