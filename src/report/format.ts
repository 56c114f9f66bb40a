/** Shown where there is no value. */
export const NOT_AVAILABLE = 'n/a'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Makes any text safe inside HTML text and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? '')
}

/** JSON that is safe inside a `<script>` element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029')
}

const formats = new Map<string, Intl.NumberFormat>()

function formatter(least: number, most: number): Intl.NumberFormat {
  const key = `${least} ${most}`
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: least, maximumFractionDigits: most })
    formats.set(key, format)
  }
  return format
}

/** A number with thousands separators; a real minus sign, and never a negative zero. */
export function formatNumber(value: number | null | undefined, least = 0, most = 6): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOT_AVAILABLE
  const text = formatter(least, Math.max(least, most)).format(value)
  if (!text.startsWith('-')) return text
  return /[1-9]/.test(text) ? `−${text.slice(1)}` : text.slice(1)
}

/** Money with two decimals. */
export function formatMoney(value: number | null | undefined): string {
  return formatNumber(value, 2, 2)
}

/** Money with its sign, plus included. */
export function formatSigned(value: number | null | undefined): string {
  const text = formatMoney(value)
  return typeof value === 'number' && value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

/** A fraction as a percentage. */
export function formatPercent(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? NOT_AVAILABLE
    : `${formatNumber(value * 100, digits, digits)} %`
}

/** A duration given in milliseconds, in its two largest useful units. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NOT_AVAILABLE
  const size = Math.abs(ms)
  if (size < 1) return `${formatNumber(ms * 1000, 0, 1)} µs`
  if (size < 1000) return `${formatNumber(ms, 0, 1)} ms`
  if (size < 60_000) return `${formatNumber(ms / 1000, 0, 2)} s`
  const seconds = Math.round(ms / 1000)
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.trunc(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${formatNumber(Math.trunc(hours / 24))} d ${hours % 24} h`
}

/** A latency given in nanoseconds. */
export function formatNanos(ns: number): string {
  return ns < 1000 ? `${formatNumber(ns, 0, 0)} ns` : formatDuration(ns / 1e6)
}

/** A time in UTC: `2023-12-25 14:30:00`, with `fraction` down to the microsecond. */
export function formatTime(ms: number, fraction = false): string {
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return NOT_AVAILABLE
  const micros = Math.round(ms * 1000)
  const seconds = Math.floor(micros / 1e6)
  const text = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
  return fraction ? `${text}.${String(micros - seconds * 1e6).padStart(6, '0')}` : text
}

/** A time range in UTC, the second date left out where it is the first. */
export function formatPeriod(from: number, to: number): string {
  const begin = formatTime(from)
  const end = formatTime(to)
  const sameDay = begin.slice(0, 10) === end.slice(0, 10)
  return `${begin} – ${sameDay ? end.slice(11) : end} UTC`
}

/** How many decimals a tick size needs, at most nine. */
export function decimalsOf(tickSize: number): number {
  if (!(tickSize > 0) || !Number.isFinite(tickSize)) return 2
  for (let digits = 0; digits < 9; digits++) {
    const scaled = tickSize * 10 ** digits
    if (Math.abs(scaled - Math.round(scaled)) < 1e-9 && Math.round(scaled) > 0) return digits
  }
  return 9
}
