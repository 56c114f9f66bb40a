/** The report of a real run, opened in a browser. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import MarketMaker from '../../examples/market-maker.ts'
import Momentum from '../../examples/momentum.ts'
import { Backtest, type BacktestResult, type DataSource, dbn, synthetic } from '../../src/index.ts'
import { esh4, temporaryFolder } from './support.ts'

const executablePath = process.env['TICKFORGE_CHROMIUM'] ?? '/usr/bin/chromium'
const installed = existsSync(executablePath)
if (!installed) process.stderr.write(`skipped: no browser at ${executablePath} (apt-get install chromium)\n`)
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']

const folder = temporaryFolder()
const run = (data: DataSource): Promise<BacktestResult> =>
  new Backtest({ data, strategies: { maker: new MarketMaker() } }).run()

const runs: [string, (() => Promise<BacktestResult>) | null][] = [
  ['ESH4', esh4 === null ? null : () => run(dbn(esh4!, { symbols: ['ESH4'] }))],
  ['a generated market', () => run(synthetic({ records: 100_000, seed: 4 }))],
  [
    'a run without a fill',
    () => new Backtest({ data: synthetic({ records: 5000 }), strategies: { momentum: new Momentum() } }).run(),
  ],
]

describe.skipIf(!installed)('the report of a real run in a browser', () => {
  it.for(runs)(
    'on %s shows its charts without an error and asks for nothing but itself',
    async ([name, make], { skip }) => {
      if (make === null) return skip('the shared data are not there')
      const path = join(folder, `${name.replaceAll(' ', '-')}.html`)
      const result = await make()
      await result.writeReport(path)
      const browser = await chromium.launch({ executablePath, args })
      try {
        const page = await browser.newPage()
        const problems: string[] = []
        const requests: string[] = []
        page.on('console', message => {
          if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
        })
        page.on('pageerror', error => problems.push(String(error)))
        page.on('request', request => requests.push(request.url()))
        await page.goto(pathToFileURL(path).href)
        await page.waitForFunction('tickforgeReport.charts.length > 0')
        const sizes = await page.evaluate<number[]>(
          "[...document.querySelectorAll('.u-over')].map(over => over.getBoundingClientRect().width)",
        )
        expect(sizes.length).toBeGreaterThanOrEqual(3)
        for (const width of sizes) expect(width).toBeGreaterThan(100)
        expect(await page.textContent('body')).toContain(result.stateHash.slice(0, 12))
        expect(problems).toEqual([])
        expect(requests.filter(url => !url.startsWith('data:'))).toEqual([pathToFileURL(path).href])
      } finally {
        await browser.close()
      }
    },
  )
})
