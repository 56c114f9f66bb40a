import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ReportData } from '../src/report/data.ts'
import { renderReport } from '../src/report/render.ts'
import { sampleReport } from './report-sample.ts'

const executablePath = process.env['TICKFORGE_CHROMIUM'] ?? '/usr/bin/chromium'
const installed = existsSync(executablePath)
if (!installed) {
  process.stderr.write(`report-browser.test.ts: skipped, no browser at ${executablePath} (apt-get install chromium)\n`)
}

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const chartIds = ['chart-price-0', 'chart-panel-0', 'chart-equity', 'chart-drawdown', 'chart-position']

interface Opened {
  page: Page
  /** Console errors and uncaught exceptions. */
  problems: string[]
  /** Every address asked for. */
  requests: string[]
}

describe.skipIf(!installed)('the report in a browser', () => {
  let browser: Browser
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tickforge-report-'))
    browser = await chromium.launch({ executablePath, args })
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
  })

  async function open(data: ReportData, colorScheme: 'light' | 'dark' = 'light', width = 1280): Promise<Opened> {
    const path = join(folder, `${Math.floor(performance.now() * 1000)}.html`)
    await writeFile(path, renderReport(data))
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } })
    const problems: string[] = []
    const requests: string[] = []
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
    })
    page.on('pageerror', error => problems.push(String(error)))
    page.on('request', request => requests.push(request.url()))
    await page.goto(pathToFileURL(path).href)
    await settle(page)
    expect(await page.evaluate('tickforgeReport.charts.length')).toBe(data.prices.length === 0 ? 0 : chartIds.length)
    return { page, problems, requests }
  }

  const settle = (page: Page): Promise<unknown> =>
    page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))))')

  /** How many pixels of a chart's canvas are painted in a colour near to a palette colour. */
  const painted = (page: Page, id: string, name: string): Promise<number> =>
    page.evaluate(`(() => {
      const canvas = document.querySelector('#${id} canvas')
      const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height })
      const probe = copy.getContext('2d', { willReadFrequently: true })
      probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${name}').trim()
      probe.fillRect(0, 0, 1, 1)
      const [r, g, b] = probe.getImageData(0, 0, 1, 1).data
      probe.clearRect(0, 0, 1, 1)
      probe.drawImage(canvas, 0, 0)
      const { data } = probe.getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        const far = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b)
        if (data[i + 3] > 200 && far < 24) count++
      }
      return count
    })()`)

  const ranges = (page: Page): Promise<[number, number][]> =>
    page.evaluate('tickforgeReport.charts.map(chart => [chart.scales.x.min, chart.scales.x.max])')

  const over = async (page: Page, id: string): Promise<{ x: number; y: number; width: number; height: number }> => {
    await page.locator(`#${id}`).scrollIntoViewIfNeeded()
    await page.waitForTimeout(350) // a wheel that follows a scrolling page goes on scrolling
    const box = await page.locator(`#${id} .u-over`).boundingBox()
    if (box === null) throw new Error(`${id} has no size`)
    return box
  }

  it('draws every chart without an error and asks for nothing but itself', async () => {
    const { page, problems, requests } = await open(sampleReport())
    const colors = { price: 'ink', panel: 'c1', equity: 'c1', drawdown: 'loss', position: 'c1' }
    for (const id of chartIds) {
      const name = colors[id.split('-')[1] as keyof typeof colors]
      expect(await painted(page, id, name), id).toBeGreaterThan(200)
    }
    for (const name of ['buy', 'sell']) expect(await painted(page, 'chart-price-0', name), name).toBeGreaterThan(100)
    expect(problems).toEqual([])
    expect(requests.filter(url => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([])
    expect(requests.filter(url => url.startsWith('file:')).length).toBe(1)
    await page.close()
  })

  it('zooms all charts alike by dragging, wheel, keys and buttons, and back', async () => {
    const { page, problems } = await open(sampleReport())
    const whole = await ranges(page)
    const width = (range: [number, number] | undefined): number => (range?.[1] ?? 0) - (range?.[0] ?? 0)
    const together = async (): Promise<number> => {
      await settle(page)
      const all = await ranges(page)
      for (const range of all) expect(range).toEqual(all[0])
      return width(all[0])
    }
    const full = width(whole[0])
    expect(await together()).toBeCloseTo(full, 3)
    expect(await page.locator('#reset').isDisabled()).toBe(true)

    const box = await over(page, 'chart-price-0')
    const yBefore = await page.evaluate(
      'tickforgeReport.charts[0].scales.y.max - tickforgeReport.charts[0].scales.y.min',
    )
    await page.mouse.move(box.x + box.width * 0.25, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.5, box.y + 120, { steps: 4 })
    await page.mouse.up()
    const dragged = await together()
    expect(dragged / full).toBeCloseTo(0.25, 1)
    const yAfter = await page.evaluate(
      'tickforgeReport.charts[0].scales.y.max - tickforgeReport.charts[0].scales.y.min',
    )
    expect(yAfter).toBeLessThan(yBefore as number)
    expect(await page.locator('#reset').isEnabled()).toBe(true)

    await page.mouse.wheel(0, -200)
    const wheeled = await together()
    expect(wheeled).toBeLessThan(dragged * 0.9)
    await page.mouse.wheel(0, 100)
    expect(await together()).toBeGreaterThan(wheeled)

    const [[before]] = (await ranges(page)) as [[number, number]]
    await page.keyboard.down('Shift')
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.4, box.y + 120, { steps: 3 })
    await page.mouse.up()
    await page.keyboard.up('Shift')
    await settle(page)
    const [[after]] = (await ranges(page)) as [[number, number]]
    expect(after).toBeGreaterThan(before)

    await page.locator('#chart-price-0').focus()
    await page.keyboard.press('0')
    expect(await together()).toBeCloseTo(full, 3)
    await page.keyboard.press('+')
    expect(await together()).toBeCloseTo(full * 0.6, -2)

    await page.locator('#reset').click()
    expect(await together()).toBeCloseTo(full, 3)

    const equity = await over(page, 'chart-equity')
    await page.mouse.move(equity.x + 100, equity.y + 40)
    await page.mouse.down()
    await page.mouse.move(equity.x + 300, equity.y + 40, { steps: 4 })
    await page.mouse.up()
    expect(await together()).toBeLessThan(full / 2)
    await page.mouse.dblclick(equity.x + 200, equity.y + 40)
    expect(await together()).toBeCloseTo(full, 3)
    expect(problems).toEqual([])
    await page.close()
  })

  it('lets the page scroll where there is nothing to zoom out of', async () => {
    const { page } = await open(sampleReport(500))
    const box = await over(page, 'chart-price-0')
    const before = (await page.evaluate('scrollY')) as number
    await page.mouse.move(box.x + 200, box.y + 100)
    await page.mouse.wheel(0, 300)
    await expect.poll(() => page.evaluate('scrollY'), { timeout: 5_000 }).toBeGreaterThan(before)
    await page.close()
  })

  it('follows the system theme, and the switch turns colours on page and canvas', async () => {
    const { page, problems } = await open(sampleReport(2000), 'dark')
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const ink = (): Promise<string> =>
      page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()")
    const [darkBackground, darkInk] = [await background(), await ink()]
    expect(await painted(page, 'chart-price-0', 'ink')).toBeGreaterThan(200)
    await page.locator('#theme').click()
    await settle(page)
    expect(await background()).not.toBe(darkBackground)
    expect(await ink()).not.toBe(darkInk)
    expect(await painted(page, 'chart-price-0', 'ink')).toBeGreaterThan(200)
    await page.reload()
    expect(await background()).not.toBe(darkBackground)
    expect(problems).toEqual([])
    await page.close()
  })

  it('shows the fill under the pointer', async () => {
    const { page } = await open(sampleReport(1000))
    const box = await over(page, 'chart-price-0')
    const place = (await page.evaluate(`(() => {
      const plan = JSON.parse(document.getElementById('payload').textContent)
      const { x, price } = plan.charts[0].fills
      const chart = tickforgeReport.charts[0]
      return [chart.valToPos(plan.origin + x[2] / 1000, 'x'), chart.valToPos(price[2], 'y')]
    })()`)) as [number, number]
    await page.mouse.move(box.x + place[0], box.y + place[1])
    await settle(page)
    expect(await page.locator('#chart-price-0 .tip').textContent()).toMatch(
      /^(Buy|Sell) [12] @ [\d,.]+\n(maker|taker) · quoter\n/,
    )
    await page.mouse.move(box.x + place[0], box.y - 200)
    await settle(page)
    expect(await page.locator('#chart-price-0 .tip').isVisible()).toBe(false)
    await page.close()
  })

  it('sorts the round trips by number, both ways', async () => {
    const { page } = await open(sampleReport())
    const column = (): Promise<number[]> =>
      page.evaluate("[...document.querySelectorAll('#trips tbody tr')].map(row => Number(row.cells[9].dataset.v))")
    await page.locator('#trips th button', { hasText: 'P&L' }).click()
    const up = await column()
    expect(up.length).toBeGreaterThan(5)
    expect(up).toEqual([...up].sort((a, b) => a - b))
    await page.locator('#trips th button', { hasText: 'P&L' }).click()
    expect(await column()).toEqual([...up].reverse())
    expect(await page.locator('#trips th[aria-sort="descending"]').count()).toBe(1)
    await page.close()
  })

  it('fits a telephone without scrolling sideways', async () => {
    const { page, problems } = await open(sampleReport(500), 'light', 390)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    expect(problems).toEqual([])
    await page.close()
  })

  it('runs no script of a strategy that is named like one', async () => {
    const name = '<script>globalThis.injected = 1</script><img src=x onerror="injected = 1">'
    const data = sampleReport(300)
    const plots = data.plots.map(plot => ({ ...plot, name }))
    const { page, problems } = await open({ ...data, title: name, strategies: [name], plots })
    expect(await page.evaluate('globalThis.injected')).toBeUndefined()
    expect(await page.locator('h1').textContent()).toBe(name)
    expect(problems).toEqual([])
    await page.close()
  })
})
