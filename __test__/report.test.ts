import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ReportData } from '../src/report/data.ts'
import { decimate, spread } from '../src/report/decimate.ts'
import {
  decimalsOf,
  escapeHtml,
  formatDuration,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatSigned,
  formatTime,
  scriptJson,
} from '../src/report/format.ts'
import { toBars } from '../src/report/histogram.ts'
import { timeLabels, timeTicks } from '../src/report/page/time-axis.ts'
import { drawdownOf, planCharts } from '../src/report/payload.ts'
import { renderReport } from '../src/report/render.ts'
import { writeReport } from '../src/report/write.ts'
import { random, sampleReport } from './report-sample.ts'

describe('thinning out', () => {
  it('keeps every bucket lowest and highest, both ends, and the order', () => {
    const next = random(1)
    const values = Float64Array.from({ length: 50_000 }, () => next())
    values[31_337] = 9
    values[4_242] = -9
    const kept = decimate(values, 1000)
    expect(kept.length).toBeLessThanOrEqual(1000)
    expect(kept[0]).toBe(0)
    expect(kept[kept.length - 1]).toBe(49_999)
    expect(kept).toContain(31_337)
    expect(kept).toContain(4_242)
    for (let i = 1; i < kept.length; i++) expect(kept[i]).toBeGreaterThan(kept[i - 1] as number)
  })

  it('finds extremes beside gaps and keeps short series whole', () => {
    const gappy = Float64Array.from({ length: 4000 }, (_, i) => (i % 3 === 0 ? Number.NaN : i))
    gappy[2000] = 1e6
    expect(decimate(gappy, 100)).toContain(2000)
    expect([...decimate([3, 1, 2], 10)]).toEqual([0, 1, 2])
    expect(decimate([], 10).length).toBe(0)
  })

  it('keeps the highs and lows of bars, not only of their closes', () => {
    const close = new Float64Array(10_000).fill(5)
    const high = Float64Array.from(close, (value, i) => (i === 777 ? 50 : value))
    const low = Float64Array.from(close, (value, i) => (i === 888 ? -50 : value))
    const kept = decimate(close, 400, low, high)
    expect(kept).toContain(777)
    expect(kept).toContain(888)
  })

  it('spreads fills evenly with both ends', () => {
    const kept = spread(12_345, 5_000)
    expect([kept.length, kept[0], kept[4_999]]).toEqual([5_000, 0, 12_344])
    expect([...spread(3, 5)]).toEqual([0, 1, 2])
  })

  it('draws at most 5,000 fills and says so', () => {
    const data = sampleReport(400)
    const many = 7_000
    const column = (value: number): Float64Array => new Float64Array(many).fill(value)
    const fills = {
      time: Float64Array.from({ length: many }, (_, i) => data.period.from + i),
      price: column(4800),
      quantity: column(1),
      side: column(0),
      liquidity: column(1),
      instrument: column(0),
      strategy: column(0),
    }
    const { charts } = planCharts({ ...data, fills })
    expect(charts[0]?.chart.fills?.x.length).toBe(5_000)
    expect(charts[0]?.notes.join()).toContain('5,000 of 7,000 fills')
  })

  it('measures the drawdown from the highest equity so far', () => {
    expect([...drawdownOf([10, 12, 9, 13, 13, 1])]).toEqual([0, 0, -3, 0, 0, -12])
  })
})

describe('formats', () => {
  it('numbers have separators, a true minus and no negative zero', () => {
    expect(formatNumber(-1234.5, 2, 2)).toBe('−1,234.50')
    expect(formatNumber(-0.001, 2, 2)).toBe('0.00')
    expect([formatSigned(3), formatSigned(-3), formatSigned(0)]).toEqual(['+3.00', '−3.00', '0.00'])
    expect([formatNumber(null), formatNumber(Number.NaN), formatPercent(null)]).toEqual(['n/a', 'n/a', 'n/a'])
    expect(formatPercent(0.1234)).toBe('12.34 %')
    expect([0.25, 1, 0.01, 1e-9, 0.015625].map(decimalsOf)).toEqual([2, 0, 2, 9, 6])
  })

  it('durations take their largest useful units', () => {
    const cases = [0.06, 12.5, 1500, 90_000, 5_400_000, 200_000_000]
    expect(cases.map(formatDuration)).toEqual(['60 µs', '12.5 ms', '1.5 s', '1 min 30 s', '1 h 30 min', '2 d 7 h'])
  })

  it('times are UTC and keep microseconds', () => {
    const time = Date.UTC(2023, 11, 25, 14, 30) + 0.25
    expect(formatTime(time, true)).toBe('2023-12-25 14:30:00.000250')
    expect(formatPeriod(time, time + 60_000)).toBe('2023-12-25 14:30:00 – 14:31:00 UTC')
    expect(formatTime(Number.POSITIVE_INFINITY)).toBe('n/a')
  })

  it('time axes have round ticks from microseconds to decades', () => {
    const from = Date.UTC(2023, 11, 25, 14, 30)
    for (const range of [0.02, 1, 50, 7_000, 600_000, 86_400_000, 3e9, 4e10, 1e12]) {
      const ticks = timeTicks(from, from + range, 10)
      expect(ticks.length, `${range}`).toBeGreaterThan(1)
      expect(ticks.length, `${range}`).toBeLessThan(15)
      expect(new Set(timeLabels(ticks)).size, `${range}`).toBe(ticks.length)
    }
    expect(timeLabels(timeTicks(from, from + 4 * 3_600_000, 5))).toEqual([
      '15:00\n2023-12-25',
      '16:00',
      '17:00',
      '18:00',
    ])
    expect(timeLabels(timeTicks(Date.UTC(2001, 0), Date.UTC(2010, 0), 5))).toContain('2004')
    expect(timeTicks(5, 5, 10)).toEqual([])
  })

  it('histogram bars join neighbours, lose empty ends and keep the sum', () => {
    const counts = [0, 0, ...Array.from({ length: 100 }, (_, i) => i + 1), 0]
    const bars = toBars({ name: '', bounds: counts.map((_, i) => i).concat(counts.length), counts, percentiles: [] })
    expect(bars.length).toBeLessThanOrEqual(48)
    expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(5050)
    expect([bars[0]?.from, bars.at(-1)?.to]).toEqual([2, 102])
  })
})

describe('the report', () => {
  it('names terms, models, data, seed, hash and warnings, and why a figure is missing', () => {
    const data = sampleReport(500)
    const html = renderReport(data)
    for (const text of [
      data.stateHash,
      'built-in table of futures',
      'exact place in the recorded L3 queue',
      'esh4-glbx-mdp3-20231225.mbo.dbn.zst',
      '<dt>Seed</dt><dd>42</dd>',
      'Read this first',
      'n = 1 day',
      'flattening by market order',
      'MAE',
    ]) {
      expect(html.includes(text), text).toBe(true)
    }
    expect(html.match(/class="plot"/g)?.length).toBe(5)
  })

  it('asks for nothing outside itself', () => {
    const html = renderReport(sampleReport(200))
    expect(html.match(/(src|href)\s*=\s*["'](?!data:|#made").{0,80}/)).toBeNull()
    expect(html.match(/@import.{0,80}|url\(.{0,80}/)).toBeNull()
    expect(html.includes("default-src 'none'")).toBe(true)
  })

  it('escapes every text that comes from outside', () => {
    const evil = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\u2028'
    const data = sampleReport(300)
    const trip = { ...(data.roundTrips[0] ?? tripOf()), strategy: 0, instrument: 0 }
    const html = renderReport({
      ...data,
      title: evil,
      strategies: [evil],
      currency: evil,
      stateHash: evil,
      seed: evil,
      engineVersion: evil,
      instruments: data.instruments.map(each => ({
        ...each,
        symbol: evil,
        kind: evil,
        currency: evil,
        venue: evil,
        origin: evil,
      })),
      models: [{ label: evil, value: evil }],
      data: [{ name: evil, detail: evil, sha256: evil }],
      warnings: [evil],
      figures: { ...data.figures, notes: { sharpe: evil } },
      prices: data.prices.map(each => ({ ...each, name: evil })),
      plots: data.plots.map(each => ({ ...each, name: evil, panel: each.panel === 'price' ? 'price' : evil })),
      equity: data.equity.map(each => ({ ...each, name: evil })),
      positions: data.positions.map(each => ({ ...each, name: evil })),
      orders: { columns: [evil, evil], rows: [[evil, evil]] },
      sessions: { columns: [evil], rows: [[evil]] },
      roundTrips: [trip],
      latency: data.latency.map(each => ({ ...each, name: evil, percentiles: [{ label: evil, ns: 1 }] })),
      log: [{ time: 0, strategy: 0, text: evil }],
    })
    expect(html.includes('alert(1)</script>')).toBe(false)
    expect(html.includes('<img')).toBe(false)
    expect(html.match(/<script/g)?.length).toBe(3)
    expect(html.match(/<\/script>/g)?.length).toBe(3)
  })

  it('says how much of a long list is shown', () => {
    const data = sampleReport(300)
    const html = renderReport({
      ...data,
      roundTrips: Array.from({ length: 1_500 }, tripOf),
      log: Array.from({ length: 2_500 }, () => ({ time: 0, strategy: 0, text: 'line' })),
    })
    expect(html.includes('The first 1,000 of 1,500 are shown')).toBe(true)
    expect(html.includes('The first 2,000 of 2,500 lines are shown')).toBe(true)
    expect(html.match(/data-v="4999"/g)?.length).toBe(1_000)
  })

  it('gives every fill the command that explains its order', () => {
    const data = sampleReport()
    const { order } = data.fills
    const html = renderReport(data)
    expect(html).toContain(`<code>tickforge explain results --order ${order?.[0]}</code>`)
    expect(html.match(/<tr id="fill-\d+">/g)?.length).toBe(Math.min(data.fills.time.length, 1000))
    // Several strategies count apart, and names and folders are quoted for a shell.
    const two = {
      ...data,
      strategies: ["the maker's", 'other'],
      explain: "tickforge explain 'my results'",
      fills: { ...data.fills, order: data.fills.time.length === 0 ? [] : Array.from(data.fills.time, (_, at) => at) },
    }
    const second = renderReport(two)
    expect(second).toContain(escapeHtml("tickforge explain 'my results' --strategy 'the maker'\\''s' --order 1"))
    // What the end of the run closed, no order asked for.
    expect(second).toContain('closed at the end')
    const { explain: _, ...unexplained } = data
    expect(renderReport(unexplained)).not.toContain('--order')
  })

  it('holds up with nothing in it', () => {
    const html = renderReport(emptyReport())
    expect(html.includes('No position was opened and closed.')).toBe(true)
    expect(html.includes('class="plot"')).toBe(false)
    expect(html.includes('NaN')).toBe(false)
    expect(html.includes('undefined</')).toBe(false)
  })

  it('refuses columns of different lengths, naming them', () => {
    const data = sampleReport(100)
    const broken = { ...data, equity: [{ name: 'a', time: [1, 2], equity: [1] }] }
    expect(() => renderReport(broken)).toThrow(/equity\[0\]: column 'equity' has 1 values, 'time' has 2/)
    const latency = [{ name: 'a', bounds: [1], counts: [1], percentiles: [] }]
    expect(() => renderReport({ ...data, latency })).toThrow(expect.objectContaining({ code: 'ERR_REPORT_COLUMNS' }))
  })

  it('appears by rename in a folder that did not exist, and leaves nothing when it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tickforge-report-'))
    try {
      const path = join(folder, 'a/b/report.html')
      await writeReport(path, sampleReport(100))
      expect(await readFile(path, 'utf8')).toContain('</html>')
      expect(await readdir(join(folder, 'a/b'))).toEqual(['report.html'])
      await expect(writeReport(join(folder, 'a/b'), sampleReport(100))).rejects.toThrow()
      expect(await readdir(join(folder, 'a'))).toEqual(['b'])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('keeps markup and line separators out of embedded JSON and text', () => {
    expect(JSON.parse(scriptJson({ a: '</script>\u2028' }))).toEqual({ a: '</script>\u2028' })
    expect(scriptJson('<!--</script>\u2029')).not.toMatch(/[<\u2029]/)
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;')
  })
})

function tripOf(): ReportData['roundTrips'][number] {
  return {
    strategy: 0,
    instrument: 0,
    side: 1,
    entryTime: 0,
    exitTime: 10,
    quantity: 1,
    entryPrice: 5000,
    exitPrice: 4999,
    pnl: 1,
    fees: 0,
    mae: 0,
    mfe: 1,
  }
}

function emptyReport(): ReportData {
  const none = { columns: [''], rows: [] }
  return {
    ...sampleReport(100),
    warnings: [],
    figures: {
      totalPnl: null,
      returnFraction: null,
      sharpe: null,
      maxDrawdown: null,
      maxDrawdownFraction: null,
      winRate: null,
      trades: 0,
      fills: 0,
      fillRatio: null,
      fees: 0,
      volume: 0,
      averageTradeDurationMs: null,
    },
    prices: [],
    plots: [],
    fills: { time: [], price: [], quantity: [], side: [], liquidity: [], instrument: [], strategy: [] },
    equity: [],
    positions: [],
    orders: none,
    sessions: none,
    roundTrips: [],
    latency: [],
    log: [],
  }
}
