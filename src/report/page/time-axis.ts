import { formatTime } from '../format.ts'

const day = 86_400_000
/** Steps between ticks in milliseconds; longer ones are months. */
const steps = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap(unit => [unit, unit * 2, unit * 5]),
  ...[1, 2, 5, 10, 15, 30].map(seconds => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * 60_000),
  ...[1, 2, 3, 6, 12].map(hours => hours * 3_600_000),
  ...[1, 2, 7, 14].map(days => days * day),
]
const monthSteps = [1, 2, 3, 6, 12, 24, 60, 120]

/** Where the ticks of a time axis lie (UTC), so that about `most` of them fit. */
export function timeTicks(from: number, to: number, most: number): number[] {
  const range = to - from
  if (!(range > 0) || most < 1) return []
  const step = steps.find(candidate => range / candidate <= most)
  if (step === undefined) return monthTicks(from, to, most)
  // Weeks begin on Mondays; 1970 began on a Thursday.
  const offset = step >= 7 * day ? 4 * day : 0
  const first = Math.ceil((from - offset) / step)
  const count = Math.min(Math.floor((to - offset) / step) - first, 200)
  return Array.from({ length: Math.max(count + 1, 0) }, (_, index) => (first + index) * step + offset)
}

function monthTicks(from: number, to: number, most: number): number[] {
  const months = (to - from) / (30.44 * day)
  const step = monthSteps.find(candidate => months / candidate <= most) ?? Math.ceil(months / most / 120) * 120
  const begin = new Date(from)
  const ticks: number[] = []
  let month = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step
  for (; ticks.length < 200; month += step) {
    const tick = Date.UTC(Math.floor(month / 12), month % 12)
    if (tick > to) break
    if (tick >= from) ticks.push(tick)
  }
  return ticks
}

/** The labels of ticks: as fine as their distance asks for, the date where a new day begins. */
export function timeLabels(ticks: readonly number[]): string[] {
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : day
  let previous = ''
  return ticks.map(tick => {
    const text = formatTime(tick, true)
    const date = text.slice(0, 10)
    if (step > 27 * day) return step > 360 * day ? date.slice(0, 4) : date.slice(0, 7)
    if (step >= day) return date
    const clock = clockText(text.slice(11), step)
    const label = date === previous ? clock : `${clock}\n${date}`
    previous = date
    return label
  })
}

function clockText(clock: string, step: number): string {
  if (step >= 60_000) return clock.slice(0, 5)
  if (step >= 1000) return clock.slice(0, 8)
  return step >= 1 ? clock.slice(0, 12) : clock
}
