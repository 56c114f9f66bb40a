/** Trading days: from one close to the next on an exchange's wall clock, or UTC days. */

/** The trading day at a moment. */
export interface Session {
  /** The day it belongs to, that of its close: `'2024-03-08'`. */
  readonly date: string
  /** Its beginning (the previous close), milliseconds since 1970. */
  readonly open: number
  /** Its end, milliseconds since 1970. */
  readonly close: number
}

const day = 86_400_000

/** Trading days of one instrument; the current one is kept. */
export class SessionClock {
  private readonly closeMinutes: number
  private readonly format: Intl.DateTimeFormat | null
  private current: Session = { date: '', open: 0, close: 0 }

  /** Days that end at `close` (`'HH:MM'`) in `timeZone`; UTC days without. */
  constructor(terms: { readonly timeZone: string; readonly close: string } | null) {
    const [hours = 0, minutes = 0] = (terms?.close ?? '00:00').split(':').map(Number)
    this.closeMinutes = hours * 60 + minutes
    this.format =
      terms === null
        ? null
        : new Intl.DateTimeFormat('en-US', {
            timeZone: terms.timeZone,
            hourCycle: 'h23',
            year: 'numeric',
            month: 'numeric',
            day: 'numeric',
            hour: 'numeric',
            minute: 'numeric',
            second: 'numeric',
          })
  }

  /** The trading day at `time`, in milliseconds since 1970. */
  at(time: number): Session {
    if (time >= this.current.open && time < this.current.close) return this.current
    const wall = this.wall(time)
    const midnight = Math.floor(wall / day) * day
    const closesAt = this.closeMinutes * 60_000
    // The day whose close comes next; a close at midnight ends the day before it.
    const closing = wall - midnight >= closesAt ? midnight + day : midnight
    const date = closesAt === 0 ? closing - day : closing
    this.current = {
      date: new Date(date).toISOString().slice(0, 10),
      open: this.instant(closing - day + closesAt),
      close: this.instant(closing + closesAt),
    }
    return this.current
  }

  /** Wall-clock time as if it were UTC. */
  private wall(time: number): number {
    if (this.format === null) return time
    const parts: Record<string, number> = {}
    for (const { type, value } of this.format.formatToParts(time)) parts[type] = Number(value)
    const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, date, hour, minute, second)
  }

  /** The moment of a wall-clock time: two corrections settle the offset, also next to a change of clocks. */
  private instant(wall: number): number {
    let time = wall
    for (let round = 0; round < 2; round++) time += wall - this.wall(time)
    return time
  }
}
