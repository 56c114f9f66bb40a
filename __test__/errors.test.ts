import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without declarations: plain JavaScript that runs before anything is installed
import * as sources from '../scripts/lib/error-codes.mjs'
import { errorCodes, TickforgeError } from '../src/errors.ts'

const { allCodes, errorPage, rustCodes, typeScriptCodes, usedInTypeScript } = sources as {
  allCodes(): Map<string, string>
  errorPage(): string
  rustCodes(): Map<string, string>
  typeScriptCodes(): Map<string, string>
  usedInTypeScript(): Set<string>
}

describe('the catalogue of errors', () => {
  it('is read from the sources as it is', () => {
    expect(Object.fromEntries(typeScriptCodes())).toEqual(errorCodes)
    expect(rustCodes().size).toBeGreaterThan(50)
  })

  it('has every code that TypeScript names', () => {
    const known = new Set([...rustCodes().keys(), ...typeScriptCodes().keys()])
    expect([...usedInTypeScript()].filter(code => !known.has(code))).toEqual([])
  })

  it('has no code that nothing raises', () => {
    const raised = new Set([...rustCodes().keys(), ...usedInTypeScript()])
    expect([...typeScriptCodes().keys()].filter(code => !raised.has(code))).toEqual([])
  })

  it('says what each code means', () => {
    expect([...allCodes()].filter(([, meaning]) => meaning.length < 10)).toEqual([])
  })

  it('names codes by one pattern', () => {
    expect([...allCodes().keys()].filter(code => !/^ERR_[A-Z]+(_[A-Z0-9]+)*$/.test(code))).toEqual([])
  })

  it('stands in the guide (npm run errors writes it anew)', () => {
    expect(readFileSync('docs/guide/errors.md', 'utf8')).toBe(errorPage())
  })
})

describe('a TickforgeError', () => {
  it('carries code, details and cause', () => {
    const cause = new RangeError('below')
    const error = new TickforgeError('ERR_USAGE', 'no', { details: { option: '--x' }, cause })
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('TickforgeError: no')
    expect(error.cause).toBe(cause)
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'ERR_USAGE', message: 'no', details: { option: '--x' } })
    expect('cause' in new TickforgeError('ERR_USAGE', 'no')).toBe(false)
  })
})
