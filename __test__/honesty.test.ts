import { expect, test } from 'vitest'
import { honestyNotes, honestyOf } from '../src/backtest/honesty.ts'

type Given = Parameters<typeof honestyOf>[0]

const execution = { taken: 1, touch: 0, queue: 1, through: 0, capturedSpread: 0.05, markOuts: [] }

function given(
  fills: readonly (readonly [number, number, number])[],
  volumes: readonly number[],
  market = 'levels',
): Given {
  return {
    fills: {
      time: fills.map((_, at) => at),
      instrument: fills.map(([instrument]) => instrument),
      quantity: fills.map(([, quantity]) => quantity),
      liquidity: fills.map(([, , liquidity]) => liquidity),
    },
    instruments: volumes.map((marketVolume, at) => ({
      symbol: `S${at}`,
      marketVolume,
      market,
      tickSize: 0.1,
      execution: fills.length === 0 ? { ...execution, taken: 0, queue: 0, capturedSpread: null } : execution,
    })),
    counters: { displacedVolume: 5 },
    figures: { totalPnl: 20, volume: 10, turnover: 4_000_000 },
  } as unknown as Given
}

const four = [
  [0, 2, 0],
  [1, 3, 1],
  [0, 4, 0],
  [1, 1, 0],
] as const

test('own volume is set beside the recorded volume of its own instrument', () => {
  const honesty = honestyOf(given(four, [60, 8]))
  expect(honesty).toMatchObject({
    fills: 4,
    makerShare: 0.75,
    basisShares: { taken: 0.5, touch: 0, queue: 0.5, through: 0 },
    modelledQueueShare: 0.5,
    displacedVolume: 5,
    profitPerUnit: 2,
    profitPerMillion: 5,
    queueCalibration: null,
    instruments: [
      { symbol: 'S0', market: 'levels', ownVolume: 6, marketVolume: 60, participation: 0.1, tickSize: 0.1 },
      { symbol: 'S1', ownVolume: 4, marketVolume: 8, participation: 0.5, capturedSpread: 0.05 },
    ],
  })
})

test('a modelled queue is warned of, a recorded one is not', () => {
  expect(honestyNotes(honestyOf(given(four, [60, 8])))[0]).toContain(
    '50 % of the fills rest on a modelled, not a recorded queue; nobody has measured',
  )
  expect(honestyNotes(honestyOf(given(four, [60, 8], 'orders')))).toEqual([])
  expect(honestyNotes(honestyOf(given([], [60])))).toEqual([])
})

test('what has no fills or no recorded volume has no share, rather than zero', () => {
  const { makerShare, basisShares, instruments } = honestyOf(given([], [0]))
  expect(makerShare).toBeNull()
  expect(basisShares).toBeNull()
  expect(instruments[0]).toMatchObject({ ownVolume: 0, participation: null, capturedSpread: null })
})
