import { formatNumber, formatTime } from '../format.ts'
import type { FillMarks } from '../payload.ts'
import { color } from './theme.ts'
import type { Chart } from './uplot.ts'

const reach = 12
const gap = 4

/** Index of the first element that is not below `value`. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The fills of one chart: triangles on the canvas, and words for the one under the pointer. */
export class FillLayer {
  readonly #fills: FillMarks
  readonly #times: number[]
  readonly #strategies: readonly string[]
  readonly #decimals: number
  readonly #tip: HTMLDivElement

  constructor(fills: FillMarks, times: number[], strategies: readonly string[], decimals: number) {
    this.#fills = fills
    this.#times = times
    this.#strategies = strategies
    this.#decimals = decimals
    this.#tip = document.createElement('div')
    this.#tip.className = 'tip'
    this.#tip.hidden = true
  }

  /** Puts the words' element over the chart. */
  attach(chart: Chart): void {
    chart.over.append(this.#tip)
  }

  /** Draws what is visible: up and below for a buy, down and above for a sell; takers are hollow. */
  draw(chart: Chart): void {
    const { ctx, bbox } = chart
    const { min, max } = chart.scales['x'] as { min: number; max: number }
    const ratio = devicePixelRatio || 1
    const begin = lowerBound(this.#times, min)
    const end = lowerBound(this.#times, max)
    // Thousands of marks side by side would be a carpet: they shrink as they crowd.
    const crowd = (end - begin) / Math.max(bbox.width / ratio, 1)
    const size = (crowd > 2 ? 2 : crowd > 1 ? 3 : crowd > 0.3 ? 4 : 5.5) * ratio
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    ctx.lineWidth = (crowd > 1 ? 0.8 : 1.4) * ratio
    ctx.lineJoin = 'round'
    for (let kind = 0; kind < 4; kind++) {
      const sell = (kind & 1) === 1
      const paint = color(sell ? 'sell' : 'buy')
      const hollow = (kind & 2) !== 0
      ctx.fillStyle = hollow ? color('card') : paint
      ctx.strokeStyle = paint
      ctx.beginPath()
      for (let index = begin; index < end; index++) {
        if (this.#fills.kind[index] !== kind) continue
        const x = chart.valToPos(this.#times[index] as number, 'x', true)
        const y = chart.valToPos(this.#fills.price[index] as number, 'y', true)
        const tip = sell ? y - gap * 0.5 * ratio : y + gap * 0.5 * ratio
        const base = sell ? tip - size * 1.7 : tip + size * 1.7
        ctx.moveTo(x, tip)
        ctx.lineTo(x + size, base)
        ctx.lineTo(x - size, base)
        ctx.closePath()
      }
      ctx.fill()
      ctx.stroke()
    }
    ctx.restore()
  }

  /** Shows the fill nearest to the pointer, if one is near. */
  point(chart: Chart): void {
    const { left, top } = chart.cursor
    const index = left === undefined || top === undefined || left < 0 || top < 0 ? -1 : this.#nearest(chart, left, top)
    this.#tip.hidden = index < 0
    if (index < 0) return
    const kind = this.#fills.kind[index] as number
    const side = (kind & 1) === 1 ? 'Sell' : 'Buy'
    const price = formatNumber(this.#fills.price[index], this.#decimals, this.#decimals + 4)
    const quantity = formatNumber(this.#fills.quantity[index])
    const strategy = this.#strategies[this.#fills.strategy[index] as number] ?? ''
    const time = formatTime(this.#times[index] as number, true)
    this.#tip.textContent = `${side} ${quantity} @ ${price}\n${(kind & 2) === 0 ? 'maker' : 'taker'} · ${strategy}\n${time}`
    const x = chart.valToPos(this.#times[index] as number, 'x')
    const toLeft = x > chart.over.clientWidth / 2
    this.#tip.style.transform = `translate(calc(${x}px + ${toLeft ? 'calc(-100% - 14px)' : '14px'}), 8px)`
  }

  #nearest(chart: Chart, left: number, top: number): number {
    const begin = lowerBound(this.#times, chart.posToVal(left - reach, 'x'))
    const end = lowerBound(this.#times, chart.posToVal(left + reach, 'x'))
    let best = -1
    let distance = reach * reach * 2
    for (let index = begin; index < end; index++) {
      const x = chart.valToPos(this.#times[index] as number, 'x') - left
      const y = chart.valToPos(this.#fills.price[index] as number, 'y') - top
      const here = x * x + y * y
      if (here < distance) {
        distance = here
        best = index
      }
    }
    return best
  }
}
