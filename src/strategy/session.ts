/** Sessions: from one close to the next on an exchange's wall clock, of a calendar, or UTC days. */
import { guarded, type NativeSession, nativeBinding } from '../native/binding.ts'

/** The trading day at a moment. */
export interface Session {
  /** The day it belongs to, that of its close: `'2024-03-08'`. */
  readonly date: string
  /** Its beginning (the previous close, of a calendar the opening), milliseconds since 1970. */
  readonly open: number
  /** Its end, milliseconds since 1970. */
  readonly close: number
}

const day = 86_400_000

/** Trading days of one instrument; the current one is kept. */
export class SessionClock {
  private readonly closeMinutes: number
  private readonly format: Intl.DateTimeFormat | null
  private readonly calendar: string | null
  private current: Session = { date: '', open: 0, close: 0 }
  /** From when on it is the session: the end of the one before. */
  private from = 0

  /** Days that end at `close` (`'HH:MM'`) in `timeZone`; sessions of a calendar; UTC days without. */
  constructor(session: NativeSession | null) {
    this.calendar = session !== null && 'calendar' in session ? JSON.stringify(session) : null
    const terms = session !== null && 'close' in session ? session : null
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
    if (time >= this.from && time < this.current.close) return this.current
    if (this.calendar !== null) return this.ofCalendar(this.calendar, time)
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
    this.from = this.current.open
    return this.current
  }

  /** The engine knows the calendars; it is asked once a session. */
  private ofCalendar(calendar: string, time: number): Session {
    const found = guarded(() => JSON.parse(nativeBinding().sessionOf(calendar, time)))
    if (found === null) return { date: '', open: Number.NaN, close: Number.NaN }
    const { from, ...session } = found
    this.from = from
    this.current = session
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
