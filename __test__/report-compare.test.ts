import { describe, expect, it } from 'vitest'
import { compareResults } from '../src/report/compare.ts'
import { sampleReport } from './report-sample.ts'

describe('comparing two results', () => {
  it('finds a run the same as itself', () => {
    const comparison = compareResults(sampleReport(2000), sampleReport(2000))
    expect(comparison).toMatchObject({ same: true, sameHash: true, firstFill: null })
    expect(comparison.text).toContain('fills are the same')
  })

  it('names the first fill that differs, in words', () => {
    const a = sampleReport(2000)
    const price = [...a.fills.price]
    price[3] = (price[3] as number) + 0.25
    price[9] = 0
    const { same, firstFill, text } = compareResults(a, { ...a, fills: { ...a.fills, price } })
    expect(same).toBe(false)
    expect(firstFill?.index).toBe(3)
    expect(firstFill?.a).toMatch(/^2023-12-2\d [\d:.]+ quoter (buy|sell) [12] ESH4 @ [\d,.]+ (maker|taker)$/)
    expect(firstFill?.b).not.toBe(firstFill?.a)
    expect(text).toContain('The fills differ first at number 4')
  })

  it('notices that one run goes on where the other ends', () => {
    const a = sampleReport(2000)
    const cut = Object.fromEntries(Object.entries(a.fills).map(([name, column]) => [name, [...column].slice(0, 5)]))
    const { firstFill, text } = compareResults(a, { ...a, fills: { ...a.fills, ...cut } })
    expect(firstFill).toMatchObject({ index: 5, b: null })
    expect(text).toContain('b: no more fills')
  })

  it('lists key figures with their differences, n/a where there is none', () => {
    const a = sampleReport(2000)
    const b = { ...a, stateHash: 'other', figures: { ...a.figures, fees: (a.figures.fees ?? 0) + 1.5, sharpe: 2 } }
    const { figures, same, sameHash, text } = compareResults(a, b)
    expect([same, sameHash]).toEqual([false, false])
    expect(figures.find(figure => figure.name === 'fees')?.difference).toBeCloseTo(1.5, 9)
    expect(figures.find(figure => figure.name === 'sharpe')).toMatchObject({ a: null, b: 2, difference: null })
    expect(text).toMatch(/^stateHash .*differs$/m)
    expect(text).toMatch(/^fees .* 1\.5$/m)
    expect(text).toMatch(/^trades .* =$/m)
  })

  it('tells a difference in the figures alone', () => {
    const a = sampleReport(500)
    const b = { ...a, figures: { ...a.figures, winRate: null } }
    expect(compareResults(a, b)).toMatchObject({ same: false, sameHash: true, firstFill: null })
  })
})
