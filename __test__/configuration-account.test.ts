import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../src/backtest/configuration.ts'
import type { AccountOptions } from '../src/backtest/configuration-account.ts'
import { synthetic } from '../src/backtest/configuration-builders.ts'
import { completeConfiguration } from '../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../src/backtest/configuration-rerun.ts'

const strategy = { name: 'quoter' }
const complete = (account: AccountOptions) => completeConfiguration({ data: synthetic(), account }, [strategy], '/base')

const file = `
backtest:
  data_source: { type: synthetic }
  account:
    type: margin
    lots: lifo
    positions: hedging
    initial_margin: 0.5
    maintenance_margin: { per_contract: 25 }
    balances: { EUR: 500 }
    rates: { EUR: 1.08, GBP: GBPUSD, JPY: { instrument: USDJPY, initial: 0.0067 } }
  instruments: [{ symbol: SYN, kind: perpetual, inverse: true, initial_margin: 0.1 }]
strategy: { type: quoter.ts }
`

describe('an account in a configuration', () => {
  const { run } = parseConfiguration(file, '/base/backtest.yaml')
  const completed = completeConfiguration(run, [strategy], '/base')

  it('comes from a file, with its defaults', () => {
    expect(completed.account).toEqual({
      currency: 'USD',
      initialCash: '100000',
      shared: false,
      type: 'margin',
      lots: 'lifo',
      positions: 'hedging',
      margin: { initial: { type: 'rate', rate: '0.5' }, maintenance: { type: 'perContract', amount: '25' } },
      balances: { EUR: '500' },
      rates: {
        EUR: { rate: '1.08', instrument: null },
        GBP: { rate: null, instrument: 'GBPUSD' },
        JPY: { rate: '0.0067', instrument: 'USDJPY' },
      },
    })
    expect(completed.instruments[0]).toMatchObject({
      inverse: true,
      margin: { initial: { type: 'rate', rate: '0.1' }, maintenance: null },
    })
    expect(complete({}).account).toMatchObject({
      type: 'unchecked',
      lots: 'average',
      positions: 'netting',
      margin: { initial: null, maintenance: null },
    })
  })

  it('survives the way through run.json and back', () => {
    const again = repeatConfiguration(JSON.parse(JSON.stringify(completed)), 'run.json')
    const { account, instruments } = completeConfiguration(again.run, [strategy], '/base')
    expect({ account, instruments }).toEqual({ account: completed.account, instruments: completed.instruments })
  })

  it('names what is refused', () => {
    const bad: [AccountOptions, string][] = [
      [{ type: 'portfolio' as 'cash' }, 'account.type'],
      [{ maintenanceMargin: 0.5 }, 'account.type'],
      [{ lots: 'hifo' as 'fifo' }, 'account.lots'],
      [{ positions: 'both' as 'netting' }, 'account.positions'],
      [{ type: 'margin', initialMargin: 0 }, 'account.initialMargin'],
      [{ rates: { EUR: '-1' } }, 'account.rates.EUR'],
      [{ rates: { EUR: { instrument: 'EURUSD', initial: 0 } } }, 'account.rates.EUR.initial'],
      [{ type: 'margin', initialMargin: { perContract: -1 } }, 'account.initialMargin.perContract'],
    ]
    for (const [account, field] of bad) {
      expect(() => complete(account)).toThrow(expect.objectContaining({ details: expect.objectContaining({ field }) }))
    }
  })
})
