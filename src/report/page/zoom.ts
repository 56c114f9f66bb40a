import type { Chart, ChartOptions } from './uplot.ts'

/** Narrowest visible range in milliseconds. */
const narrowest = 0.02
/** A wheel that turned while the page scrolled goes on scrolling for so many milliseconds. */
const scrollRest = 250

/** The common x range of all charts, and the gestures that change it. */
export class Zoom {
  readonly #charts: Chart[] = []
  readonly #full: readonly [number, number]
  readonly #onChange: (zoomed: boolean) => void
  #range: readonly [number, number]
  #lastScroll = Number.NEGATIVE_INFINITY
  #pending = 0

  constructor(full: readonly [number, number], onChange: (zoomed: boolean) => void) {
    const spare = full[1] > full[0] ? (full[1] - full[0]) * 0.01 : 1000
    this.#full = [full[0] - spare, full[1] + spare]
    this.#range = this.#full
    this.#onChange = onChange
    addEventListener('scroll', () => (this.#lastScroll = performance.now()), { passive: true })
  }

  /** What every chart's cursor does: shared, dragging selects a range, double click resets. */
  get cursor(): NonNullable<ChartOptions['cursor']> {
    return {
      sync: { key: 'tickforge', scales: ['x', null], setSeries: false },
      drag: { x: true, y: false, setScale: false },
      bind: {
        dblclick: () => () => {
          this.reset()
          return null
        },
        mousedown: (chart, _target, handler) => event => {
          if (!event.shiftKey || event.button !== 0) return handler(event)
          this.#pan(chart, event)
          return null
        },
      },
    }
  }

  /** The visible range in milliseconds since 1970. */
  get range(): readonly [number, number] {
    return this.#range
  }

  /** Shows everything. */
  reset(): void {
    this.set(...this.#full)
  }

  /** Shows a range, held within the whole. */
  set(from: number, to: number): void {
    const [first, last] = this.#full
    const width = Math.min(Math.max(to - from, narrowest), last - first)
    const begin = Math.min(Math.max(from, first), last - width)
    if (!Number.isFinite(begin) || !Number.isFinite(width)) return
    this.#range = [begin, begin + width]
    // One drawing a frame, however fast a wheel turns.
    if (this.#pending === 0) this.#pending = requestAnimationFrame(() => this.#apply())
  }

  #apply(): void {
    this.#pending = 0
    const [min, max] = this.#range
    for (const chart of this.#charts) chart.setScale('x', { min, max })
    this.#onChange(max - min < (this.#full[1] - this.#full[0]) * 0.999999)
  }

  /** Takes a chart in: it shows the common range and its gestures change it. */
  follow(chart: Chart, element: HTMLElement): void {
    this.#charts.push(chart)
    const [min, max] = this.#range
    chart.setScale('x', { min, max })
    chart.over.addEventListener('wheel', event => this.#wheel(chart, event), { passive: false })
    element.addEventListener('keydown', event => this.#key(event))
  }

  /** A drag ended on a chart: its selection becomes the range. */
  selected(chart: Chart): void {
    const { left, width } = chart.select
    if (width < 2) return
    const from = chart.posToVal(left, 'x')
    const to = chart.posToVal(left + width, 'x')
    for (const each of this.#charts) each.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.set(from, to)
  }

  #wheel(chart: Chart, event: WheelEvent): void {
    const [from, to] = this.#range
    const zoomingOut = event.deltaY > 0
    const whole = to - from >= (this.#full[1] - this.#full[0]) * 0.999999
    const scrolling = performance.now() - this.#lastScroll < scrollRest
    // The page scrolls on where there is nothing to zoom out of, or while it is scrolling anyway.
    if (event.deltaY === 0 || (!event.ctrlKey && (scrolling || (zoomingOut && whole)))) return
    event.preventDefault()
    const factor = Math.exp(Math.max(-1, Math.min(1, event.deltaY / 400)))
    const centre = chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, 'x')
    this.set(centre - (centre - from) * factor, centre + (to - centre) * factor)
  }

  #pan(chart: Chart, down: MouseEvent): void {
    const [from, to] = this.#range
    const perPixel = (to - from) / Math.max(chart.over.clientWidth, 1)
    const move = (event: MouseEvent): void => {
      const by = (down.clientX - event.clientX) * perPixel
      this.set(from + by, to + by)
    }
    const up = (): void => {
      removeEventListener('mousemove', move)
      removeEventListener('mouseup', up)
    }
    addEventListener('mousemove', move)
    addEventListener('mouseup', up)
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const [from, to] = this.#range
    const width = to - from
    const shift = (by: number): void => this.set(from + width * by, to + width * by)
    const scale = (by: number): void => this.set(from + width * by, to - width * by)
    const actions: Record<string, () => void> = {
      ArrowLeft: () => shift(-0.15),
      ArrowRight: () => shift(0.15),
      '+': () => scale(0.2),
      '=': () => scale(0.2),
      '-': () => scale(-1 / 3),
      '0': () => this.reset(),
      Escape: () => this.reset(),
    }
    const action = actions[event.key]
    if (action === undefined) return
    event.preventDefault()
    action()
  }
}
