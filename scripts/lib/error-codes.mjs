// The error codes of both languages, collected from their sources.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './digest.mjs'
import { root } from './run.mjs'

const read = path => readFileSync(join(root, path), 'utf8')

/** The words of a doc comment above line `index`, attributes skipped, as one line up to its first full stop. */
function documentation(lines, index) {
  const words = []
  let depth = 0
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lines[at].trim()
    if (line.startsWith('///')) words.unshift(line.slice(3).trim())
    else if (words.length > 0) break
    else if (/\)\]$/.test(line) && !line.startsWith('#[')) depth += 1
    else if (line.startsWith('#[')) depth = Math.max(0, depth - 1)
    else if (depth === 0) break
  }
  const text = words.join(' ').replace(/\[`([^`\]]+)`\](\([^)]*\))?/g, '`$1`')
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text
}

/** Whether a line begins the declaration of an enum's variant. */
function isVariant(line, variant) {
  const word = line.trim()
  return word.startsWith(variant) && /^(,| ?\{|\(| = \d+,|$)/.test(word.slice(variant.length)) && !word.includes('=>')
}

/** Codes of Rust: code → what it means, from the doc comment of its enum variant. */
export function rustCodes() {
  const codes = new Map()
  for (const path of filesBelow('crates').filter(name => name.includes('/src/') && name.endsWith('.rs'))) {
    const text = read(path).split('#[cfg(test)]')[0]
    const lines = text.split('\n')
    const arms = [] // variants whose code has not come yet
    for (const [index, line] of lines.entries()) {
      for (const [, variant] of line.matchAll(/\bSelf::(\w+)/g)) arms.push(variant)
      const code = /^[^/]*"(ERR_[A-Z0-9_]+)",?\s*\}?,?$/.exec(line)?.[1]
      if (!line.includes('=>') && code === undefined) continue
      if (code === undefined) {
        if (!/=>\s*\{?$/.test(line)) arms.length = 0
        continue
      }
      for (const variant of arms.splice(0)) {
        const at = lines.slice(0, index).findLastIndex(text => isVariant(text, variant))
        const said = at < 0 ? '' : documentation(lines, at)
        if (said !== '' && !codes.get(code)) codes.set(code, said)
      }
    }
    for (const [code] of text.matchAll(/(?<=")ERR_[A-Z0-9_]+(?=")/g)) if (!codes.has(code)) codes.set(code, '')
  }
  return codes
}

/** Codes of TypeScript: code → what it means, from the table in `src/errors.ts`. */
export function typeScriptCodes() {
  const table = /errorCodes = \{([\s\S]*?)\n\} as const/.exec(read('src/errors.ts'))?.[1] ?? ''
  const entries = table.matchAll(/^ {2}(ERR_[A-Z0-9_]+):\s*(['"])([\s\S]*?)\2,$/gm)
  return new Map([...entries].map(([, code, , text]) => [code, text]))
}

/** Codes that TypeScript sources name outside comments and the table. */
export function usedInTypeScript() {
  const used = new Set()
  for (const path of filesBelow('src').filter(name => name.endsWith('.ts') && name !== 'src/errors.ts')) {
    for (const [code] of read(path).matchAll(/(?<=')ERR_[A-Z0-9_]+(?=')/g)) used.add(code)
  }
  return used
}

/** Codes of the binding that are no variant of an enum. */
const ofTheBinding = {
  ERR_BOOK_OFF_LOT: 'A quantity is not a multiple of the lot size.',
  ERR_BOOK_OPERATION: 'An operation of a batch has a kind or side that is none.',
  ERR_CONFIG_NATIVE: 'A completed configuration is not one that the engine reads.',
  ERR_NATIVE_MEMORY: 'Shared memory that was handed over has the wrong size or place.',
  ERR_RUN_BUSY: "A model of one's own called back into the run that asked it.",
  ERR_RUN_CLOSED: 'A run was used after it was closed.',
}

const areas = {
  ABORTED: 'Interruption',
  BACKTEST: 'Setting up a run',
  BAR: 'Bars',
  BOOK: 'Order books',
  CONFIG: 'Configuration',
  CONTEXT: 'What a strategy asks',
  COSTS: 'Costs',
  ENGINE: 'The engine',
  FEED: 'Market data',
  INDICATOR: 'Indicators',
  INTERNAL: 'Faults of tickforge',
  LOADER: 'Strategy files',
  MODEL: 'Numbers, times and instruments',
  NATIVE: 'The native addon',
  ORDER: 'Orders that were refused',
  PARAMETER: 'Parameters',
  RECORD: 'What a strategy records',
  REPORT: 'The report',
  RISK: 'Risk limits',
  RUN: 'Runs',
  STATISTICS: 'Statistics',
  STORE: 'Artefacts',
  STRATEGY: 'Strategies',
  TRADING: 'Orders and accounts',
  USAGE: 'Commands',
  VENUE: 'The venue',
  VIEW: 'Views of events',
}

/** Every code of both languages with what it means; '' where nothing says so. */
export function allCodes() {
  return new Map([...rustCodes(), ...Object.entries(ofTheBinding), ...typeScriptCodes()])
}

/** The page `docs/guide/errors.md`. */
export function errorPage() {
  const all = allCodes()
  const groups = new Map()
  for (const code of [...all.keys()].sort()) {
    const area = code.split('_')[1]
    groups.set(area, [...(groups.get(area) ?? []), code])
  }
  const parts = [...groups].map(([area, codes]) => {
    const rows = codes.map(code => `| \`${code}\` | ${all.get(code).replaceAll('|', '\\|')} |`)
    return `## ${areas[area] ?? area}\n\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n`
  })
  return `# Errors

<!-- Written by \`npm run errors\` from the sources; a test fails while it is stale. -->

Every error has a stable \`code\`; the message is for people and may change. In TypeScript it is a \`TickforgeError\` with
\`code\`, \`message\`, \`details\` (field, value, file, row or byte, and what would be accepted) and \`cause\`; a command prints
it on standard error, with \`--json\` as \`{ "error": { code, message, details } }\`.

${parts.join('\n')}`
}
