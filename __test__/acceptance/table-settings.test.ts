/** What a table cannot say by itself is said in the configuration, in TypeScript and in a file. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Backtest, type Bar, csv, Strategy, type TickforgeError, type Trade } from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()

class Bars extends Strategy {
  static data = { bars: '1m' }
  readonly seen: [number, number][] = []
  onBar(bar: Bar): void {
    this.seen.push([bar.openTime, bar.close])
  }
}

class Trades extends Strategy {
  static data = { trades: true }
  readonly sizes: number[] = []
  onTrade(trade: Trade): void {
    this.sizes.push(trade.quantity)
  }
}

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

const indian = file('indian.csv', [
  '11/06/2021 09:15:00;100;101;99;100.5;7',
  '11/06/2021 09:16:00;100.5;102;100;101.5;9',
])
const columns = { time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5 }
const quarterPastNine = Date.UTC(2021, 5, 11, 3, 45)

describe('settings of tables', () => {
  it('time zone, pattern, delimiter and the missing header of a CSV file', async () => {
    const strategy = new Bars()
    const data = csv(indian, {
      symbol: 'NSE',
      timeframe: '1m',
      label: 'open',
      timeZone: 'Asia/Kolkata',
      timeFormat: '%d/%m/%Y %H:%M:%S',
      delimiter: 'semicolon',
      header: false,
      columns,
    })
    await new Backtest({ data, strategies: { bars: strategy } }).run()
    expect(strategy.seen).toEqual([
      [quarterPastNine, 100.5],
      [quarterPastNine + 60_000, 101.5],
    ])
  })

  it('running totals become sizes: the first of a day begins the count', async () => {
    const totals = [
      [1, '10,5'],
      [2, '10,5'],
      [3, '11,12'],
      [4, '11,3'],
      [5, '11,9'],
    ]
    const path = file('totals.csv', [
      'time,price,size',
      ...totals.map(([at, line]) => `2024-01-02T14:30:0${at}Z,${line}`),
    ])
    const sizes = async (cumulative: boolean): Promise<number[]> => {
      const strategy = new Trades()
      await new Backtest({ data: csv(path, { cumulative }), strategies: { trades: strategy } }).run()
      return strategy.sizes
    }
    expect(await sizes(true)).toEqual([7, 6])
    expect(await sizes(false)).toEqual([5, 5, 12, 3, 9])
  })

  it('adjusted bars are scaled by their adjusted close', async () => {
    const path = file('adjusted.csv', [
      'date,open,high,low,close,adj close,volume',
      '2024-01-02,100,110,90,100,50,1',
      '2024-01-03,60,66,54,60,60,1',
    ])
    const closes: number[] = []
    class Daily extends Strategy {
      static data = { bars: '1d' }
      onBar(bar: Bar): void {
        closes.push(bar.open, bar.close)
      }
    }
    await new Backtest({ data: csv(path, { adjusted: true }), strategies: { daily: new Daily() } }).run()
    expect(closes).toEqual([50, 50, 60, 60])
  })

  it('a wrong one is refused with its field', () => {
    const refused = (options: object): string => {
      try {
        new Backtest({ data: csv(indian, options), strategies: { bars: new Bars() } })
        return ''
      } catch (error) {
        const { code, details } = error as TickforgeError
        const { field } = details as { readonly field?: string }
        return `${code} ${field}`
      }
    }
    expect(refused({ timeZone: 'Asia/Bombai' })).toMatch(/^ERR_CONFIG_VALUE .*timeZone$/)
    expect(refused({ delimiter: ';' })).toMatch(/^ERR_CONFIG_VALUE .*delimiter$/)
    expect(refused({ header: 'yes' })).toMatch(/^ERR_CONFIG_VALUE .*header$/)
    expect(refused({ integerDecimals: 9 })).toMatch(/^ERR_CONFIG_UNKNOWN_KEY .*integerDecimals$/)
  })
})
