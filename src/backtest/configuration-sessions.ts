/** Completing when an instrument's sessions are. */
import type { NativeCalendar, NativeSession } from '../native/binding.ts'
import { checkKeys, flag, oneOf, refused, text, texts, timeZone } from './configuration-checks.ts'
import type { CalendarOptions, SessionOptions } from './configuration-types.ts'

const calendars = ['24/7', 'us-equities', 'cme-equity-index'] as const
const calendarKeys = ['source', 'name', 'timeZone', 'segments', 'weekends', 'holidays', 'earlyCloses']

/** Completes the sessions of an instrument. */
export function completeSession(options: SessionOptions, field: string): NativeSession {
  if (typeof options === 'object' && options !== null && 'calendar' in options) {
    checkKeys(options, field, ['calendar'])
    const { calendar } = options
    if (typeof calendar !== 'object') return { calendar: oneOf(calendar, `${field}.calendar`, calendars) }
    return { calendar: completeCalendar(calendar, `${field}.calendar`) }
  }
  checkKeys(options, field, ['timeZone', 'close'])
  return {
    timeZone: timeZone(options.timeZone, `${field}.timeZone`),
    close: clock(options.close, `${field}.close`, /^([01]\d|2[0-3]):[0-5]\d$/),
  }
}

function completeCalendar(options: CalendarOptions, field: string): NativeCalendar {
  checkKeys(options, field, calendarKeys)
  const { segments } = options
  if (!Array.isArray(segments) || segments.length === 0) {
    throw refused(`${field}.segments`, segments, "a list such as [['09:30', '16:00']]")
  }
  const dates = texts(options.holidays ?? [], `${field}.holidays`)
  const early = options.earlyCloses ?? {}
  checkKeys(early, `${field}.earlyCloses`, Object.keys(early))
  return {
    name: text(options.name ?? 'own', `${field}.name`),
    source: text(options.source, `${field}.source`),
    timeZone: timeZone(options.timeZone, `${field}.timeZone`),
    segments: segments.map((segment, at): [string, string] => {
      const name = `${field}.segments[${at}]`
      if (!Array.isArray(segment) || segment.length !== 2) throw refused(name, segment, "['HH:MM', 'HH:MM']")
      return [clock(segment[0], name), clock(segment[1], name)]
    }),
    weekends: flag(options.weekends ?? false, `${field}.weekends`),
    holidays: dates.map((date, at) => day(date, `${field}.holidays[${at}]`)),
    earlyCloses: Object.fromEntries(
      Object.entries(early).map(([date, close]) => [
        day(date, `${field}.earlyCloses`),
        clock(close, `${field}.earlyCloses.${date}`),
      ]),
    ),
  }
}

/** A time of day; `24:00` is the midnight that ends it. */
function clock(value: unknown, field: string, form = /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/): string {
  const time = text(value, field)
  if (!form.test(time)) throw refused(field, time, "'HH:MM'")
  return time
}

function day(value: unknown, field: string): string {
  const date = text(value, field)
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : null
  if (time === null || Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== date) {
    throw refused(field, date, "a date such as '2024-12-25'")
  }
  return date
}
