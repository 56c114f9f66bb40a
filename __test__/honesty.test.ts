import { expect, test } from 'vitest'
import { honestyOf } from '../src/backtest/honesty.ts'

type Given = Parameters<typeof honestyOf>[0]

function given(fills: readonly (readonly [number, number, number])[], volumes: readonly number[]): Given {
  return {
    fills: {
      time: fills.map((_, at) => at),
      instrument: fills.map(([instrument]) => instrument),
      quantity: fills.map(([, quantity]) => quantity),
      liquidity: fills.map(([, , liquidity]) => liquidity),
    },
    instruments: volumes.map((marketVolume, at) => ({ symbol: `S${at}`, marketVolume })),
    counters: { displacedVolume: 5 },
  } as unknown as Given
}

test('own volume is set beside the recorded volume of its own instrument', () => {
  const honesty = honestyOf(
    given(
      [
        [0, 2, 0],
        [1, 3, 1],
        [0, 4, 0],
        [1, 1, 0],
      ],
      [60, 8],
    ),
  )
  expect(honesty).toEqual({
    fills: 4,
    makerShare: 0.75,
    displacedVolume: 5,
    queueCalibration: null,
    instruments: [
      { symbol: 'S0', ownVolume: 6, marketVolume: 60, participation: 0.1 },
      { symbol: 'S1', ownVolume: 4, marketVolume: 8, participation: 0.5 },
    ],
  })
})

test('what has no fills or no recorded volume has no share, rather than zero', () => {
  const { makerShare, instruments } = honestyOf(given([], [0]))
  expect(makerShare).toBeNull()
  expect(instruments[0]).toEqual({ symbol: 'S0', ownVolume: 0, marketVolume: 0, participation: null })
})
