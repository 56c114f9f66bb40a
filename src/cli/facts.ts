/** JSON documents as text for people: one line a value, indented by depth. */

/** Formats what a command found out. */
export function formatFacts(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    if (value.every(entry => entry === null || typeof entry !== 'object'))
      return `${indent}${value.map(plain).join(', ')}`
    return value.map(entry => formatFacts(entry, indent)).join('\n\n')
  }
  if (value === null || typeof value !== 'object') return `${indent}${plain(value)}`
  const entries = Object.entries(value)
  const width = Math.max(0, ...entries.map(([key]) => words(key).length))
  return entries
    .map(([key, inner]) => {
      const name = words(key)
      if (inner === null || typeof inner !== 'object')
        return `${indent}${name.padEnd(width)}  ${/id$/i.test(key) ? String(inner) : plain(inner)}`
      const isShort = Array.isArray(inner) && inner.every(entry => entry === null || typeof entry !== 'object')
      if (isShort) return `${indent}${name.padEnd(width)}  ${inner.length === 0 ? 'none' : inner.map(plain).join(', ')}`
      if (Object.keys(inner).length === 0) return `${indent}${name.padEnd(width)}  none`
      return `${indent}${name}\n${formatFacts(inner, `${indent}  `)}`
    })
    .join('\n')
}

function words(key: string): string {
  // Names in the data (symbols, record types) stay as they are; names of ours are spelled out.
  return /^[a-z]+([A-Z][a-z0-9]*)+$/.test(key) ? key.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`) : key
}

function plain(value: unknown): string {
  if (typeof value === 'number' && Number.isInteger(value)) return value.toLocaleString('en-US')
  return value === null ? '–' : String(value)
}
