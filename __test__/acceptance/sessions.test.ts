/** Sessions of an instrument: calendars in code and file, what a strategy sees of them, orders that live by them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfiguration } from '../../src/backtest/configuration.ts'
import { completeConfiguration } from '../../src/backtest/configuration-complete.ts'
import { repeatConfiguration } from '../../src/backtest/configuration-rerun.ts'
import {
  Backtest,
  type Bar,
  type Context,
  csv,
  type OrderReport,
  type SessionOptions,
  Strategy,
  synthetic,
} from '../../src/index.ts'
import { temporaryFolder } from './support.ts'

const folder = temporaryFolder()
const half = 1_800_000

/** Half hours of New York from 09:30 to the close; Thanksgiving 2023 is no session, the day after it closes at 13:00. */
const days: [date: string, closes: string][] = [
  ['2023-11-21', '21:00'],
  ['2023-11-22', '21:00'],
  ['2023-11-24', '18:00'],
  ['2023-11-27', '21:00'],
]
const rows = days.flatMap(([date, closes]) => {
  const begin = Date.parse(`${date}T14:30:00Z`)
  const count = (Date.parse(`${date}T${closes}:00Z`) - begin) / half
  return Array.from({ length: count }, (_, k) => {
    const price = 100 + days.findIndex(([day]) => day === date) * 10 + k / 10
    return `${new Date(begin + k * half).toISOString()},${price},${price + 0.5},${price - 0.5},${price + 0.05},1000`
  })
})
const file = join(folder, 'shares.csv')
writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
const data = csv(file, { symbol: 'ABC', timeframe: '30m' })

class Timed extends Strategy {
  static data = { bars: '30m' }
  sessions: string[] = []
  onBar(bar: Bar, ctx: Context): void {
    const { date, open, close } = ctx.session
    const text = `${date} ${new Date(open).toISOString().slice(11, 16)} ${new Date(close).toISOString().slice(11, 16)}`
    if (this.sessions.at(-1) !== text) this.sessions.push(text)
    // On Wednesday at 15:00 UTC.
    if (bar.closeTime !== Date.parse('2023-11-22T15:00:00Z')) return
    ctx.buy({ quantity: 1, timeInForce: 'AT_CLOSE' })
    ctx.buy({ quantity: 2, timeInForce: 'AT_OPEN' })
    ctx.buy({ quantity: 4, price: 50, timeInForce: 'DAY' })
  }
}

const run = async (session: SessionOptions) => {
  const timed = new Timed()
  const result = await new Backtest({ data, instruments: [{ symbol: 'ABC', session }], strategies: { timed } }).run()
  const fills = result.fills.map(
    fill => `${fill.quantity} at ${fill.price}, ${new Date(fill.time).toISOString().slice(0, 16)}`,
  )
  const orders = result.orders.map(({ quantity, status }) => `${quantity} ${status}`)
  return { timed, fills, orders }
}

describe('sessions of a calendar', () => {
  it('are seen by a strategy, holidays and early closes included', async () => {
    const { timed } = await run({ calendar: 'us-equities' })
    expect(timed.sessions).toEqual([
      '2023-11-21 14:30 21:00',
      // The close of a session is seen as the next one: its opening lies ahead.
      '2023-11-22 14:30 21:00',
      '2023-11-24 14:30 18:00',
      '2023-11-27 14:30 21:00',
      '2023-11-28 14:30 21:00',
    ])
  })

  it('end day orders, and hold the orders at open and close', async () => {
    const { fills, orders } = await run({ calendar: 'us-equities' })
    // Wednesday's close, and the open of Friday: Thursday is a holiday.
    expect(fills).toEqual(['1 at 111.25, 2023-11-22T21:00', '2 at 120, 2023-11-24T14:30'])
    expect(orders.sort()).toEqual(['1 filled', '2 filled', '4 expired'])
  })

  it("can be one's own", async () => {
    const own: SessionOptions = {
      calendar: {
        source: 'this test',
        timeZone: 'America/New_York',
        segments: [
          ['09:30', '12:00'],
          ['12:30', '16:00'],
        ],
        holidays: ['2023-11-23'],
        earlyCloses: { '2023-11-22': '10:30' },
      },
    }
    const { fills } = await run(own)
    // At 10:30 in New York the session is over; the next bar opens no session of that day.
    expect(fills[0]).toBe('1 at 110.15, 2023-11-22T15:30')
  })

  it('are written in a file as well, and repeated', () => {
    const yaml = join(folder, 'sessions.yaml')
    writeFileSync(
      yaml,
      `backtest:
  data_source: { type: csv, files: shares.csv }
  instruments:
    - { symbol: A, session: { calendar: cme-equity-index } }
    - { symbol: B, session: { calendar: { source: exchange, time_zone: Asia/Tokyo, segments: [['09:00', '11:30'], ['12:30', '15:30']], holidays: ['2025-01-02'], early_closes: { '2025-12-30': '15:00' } } } }
strategy: { type: ./quoter.ts }
`,
    )
    const complete = completeConfiguration(readConfiguration(yaml).run, [{ name: 'quoter' }])
    expect(complete.instruments.map(({ session }) => session)).toEqual([
      { calendar: 'cme-equity-index' },
      {
        calendar: {
          name: 'own',
          source: 'exchange',
          timeZone: 'Asia/Tokyo',
          segments: [
            ['09:00', '11:30'],
            ['12:30', '15:30'],
          ],
          weekends: false,
          holidays: ['2025-01-02'],
          earlyCloses: { '2025-12-30': '15:00' },
        },
      },
    ])
    const again = repeatConfiguration(complete, 'run.json')
    expect(completeConfiguration(again.run, [{ name: 'quoter' }]).instruments).toEqual(complete.instruments)
  })

  it('are refused by field', () => {
    const complete = (session: unknown) =>
      completeConfiguration({ data, instruments: [{ symbol: 'ABC', session: session as SessionOptions }] }, [
        { name: 'timed' },
      ])
    const own = { source: 's', timeZone: 'UTC', segments: [['09:00', '10:00']] }
    for (const [session, message] of [
      [{ calendar: 'nyse' }, 'instruments[0].session.calendar'],
      [{ calendar: { ...own, source: undefined } }, 'session.calendar.source'],
      [{ calendar: { ...own, segments: [] } }, 'session.calendar.segments'],
      [{ calendar: { ...own, segments: [['9', '10:00']] } }, 'session.calendar.segments[0]'],
      [{ calendar: { ...own, holidays: ['2025-02-30'] } }, 'session.calendar.holidays[0]'],
      [{ calendar: { ...own, hours: 8 } }, 'session.calendar.hours'],
      [{ timeZone: 'UTC', close: '25:00' }, 'session.close'],
    ] as const) {
      expect(() => complete(session)).toThrow(message)
    }
  })
})

it('orders at open and close are refused where the data does not tell the price there', async () => {
  const reasons: string[] = []
  class Early extends Strategy {
    static data = { quotes: true }
    onQuote(_: unknown, ctx: Context): void {
      if (reasons.length > 0) return
      reasons.push('sent')
      ctx.buy({ quantity: 1, timeInForce: 'AT_CLOSE' })
    }
    onOrder(report: OrderReport): void {
      reasons.push(`${report.kind} ${report.code}`)
    }
  }
  await new Backtest({ data: synthetic({ records: 20_000 }), strategies: { early: new Early() } }).run()
  expect(reasons).toEqual(['sent', 'denied ERR_ORDER_UNSUPPORTED'])
})
