import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../src/backtest/configuration.ts'
import { synthetic } from '../src/backtest/configuration-builders.ts'
import type { CashEventOptions } from '../src/backtest/configuration-cash-events.ts'
import { completeConfiguration } from '../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../src/backtest/configuration-rerun.ts'

const strategy = { name: 'quoter' }
const complete = (cashEvents?: CashEventOptions) =>
  completeConfiguration({ data: synthetic(), ...(cashEvents && { cashEvents }) }, [strategy], '/base')

const file = `
backtest:
  data_source: { type: synthetic }
  cash_events:
    adjustment: raw
    dividends: [{ symbol: X, ex_date: '2024-05-28', pay_date: 2024-05-30, amount: 0.24 }]
    funding:
      - { symbol: P, time: '2024-05-22T08:00:00Z', rate: 0.0001, mark: 60000 }
      - { symbol: P, time: '2024-05-22T16:00:00Z', rate: -0.0001 }
    borrow: [{ symbol: X, bps: 100 }]
    splits:
      - { symbol: X, date: 2024-06-10, ratio: '10:1' }
      - { symbol: X, time: '2024-07-01T04:00:00Z', ratio: '1:8', orders: cancel }
strategy: { type: quoter.ts }
`

describe('cash events in a configuration', () => {
  const { run } = parseConfiguration(file, '/base/backtest.yaml')
  const completed = completeConfiguration(run, [strategy], '/base')

  it('come from a file, with their defaults', () => {
    expect(completed.cashEvents).toEqual({
      adjustment: 'raw',
      dividends: [{ symbol: 'X', exDate: '2024-05-28', payDate: '2024-05-30', amount: '0.24' }],
      funding: [
        { symbol: 'P', time: '1716364800000000000', rate: '0.0001', mark: '60000' },
        { symbol: 'P', time: '1716393600000000000', rate: '-0.0001', mark: null },
      ],
      borrow: [{ symbol: 'X', bps: '100', basis: 365 }],
      splits: [
        { symbol: 'X', date: '2024-06-10', time: null, ratio: '10:1', orders: 'adjust' },
        { symbol: 'X', date: null, time: '1719806400000000000', ratio: '1:8', orders: 'cancel' },
      ],
    })
  })

  it('survive the way through run.json and back', () => {
    const again = repeatConfiguration(JSON.parse(JSON.stringify(completed)), 'run.json')
    expect(completeConfiguration(again.run, [strategy], '/base').cashEvents).toEqual(completed.cashEvents)
    const without = repeatConfiguration(JSON.parse(JSON.stringify(complete())), 'run.json')
    expect(completeConfiguration(without.run, [strategy], '/base').cashEvents).toBeNull()
  })

  it('name what is refused', () => {
    const dividend = { symbol: 'X', exDate: '2024-05-28', payDate: '2024-05-30', amount: 1 }
    const split = { symbol: 'X', date: '2024-06-10', ratio: '2:1' }
    const bad: [CashEventOptions, string][] = [
      [{ dividends: [dividend] }, 'cashEvents.adjustment'],
      [{ adjustment: 'total', dividends: [dividend] }, 'cashEvents.adjustment'],
      [{ adjustment: 'raw', dividends: [{ ...dividend, exDate: '28 May' }] }, 'cashEvents.dividends[0].exDate'],
      [{ splits: [split] }, 'cashEvents.adjustment'],
      [{ adjustment: 'split', splits: [split] }, 'cashEvents.adjustment'],
      [{ adjustment: 'raw', splits: [{ symbol: 'X', ratio: '2:1' }] }, 'cashEvents.splits[0].date'],
      [{ adjustment: 'raw', splits: [{ ...split, time: '2024-06-10' }] }, 'cashEvents.splits[0].date'],
      [{ adjustment: 'raw', splits: [{ ...split, ratio: '2' }] }, 'cashEvents.splits[0].ratio'],
      [{ adjustment: 'raw', splits: [{ ...split, ratio: '0:1' }] }, 'cashEvents.splits[0].ratio'],
      [{ adjustment: 'raw', splits: [{ ...split, orders: 'keep' as 'cancel' }] }, 'cashEvents.splits[0].orders'],
      [{ borrow: [{ symbol: 'X', bps: 100, basis: 0 }] }, 'cashEvents.borrow[0].basis'],
    ]
    for (const [options, field] of bad) {
      expect(() => complete(options)).toThrow(expect.objectContaining({ details: expect.objectContaining({ field }) }))
    }
  })
})
