// Writes the example prices beside this file: made up, and the same every time. `node examples/data/generate.mjs`
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const dayMs = 86_400_000

/** Numbers from 0 to 1 (Park and Miller's generator): whole-number arithmetic, so equal on every machine. */
function random(seed) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Daily bars from Monday to Friday whose closes are given. */
function rows(closes, next) {
  const lines = ['Date,Open,High,Low,Close,Volume']
  let time = Date.UTC(2021, 0, 4)
  let before = closes[0]
  for (const close of closes) {
    while ([0, 6].includes(new Date(time).getUTCDay())) time += dayMs
    const open = before + (next() - 0.5) * 0.4
    const high = Math.max(open, close) + next() * 0.8
    const low = Math.min(open, close) - next() * 0.8
    const prices = [open, high, low, close].map(price => price.toFixed(2))
    const volume = 10_000 + Math.floor(next() * 20_000)
    lines.push(`${new Date(time).toISOString().slice(0, 10)},${prices.join(',')},${volume}`)
    before = close
    time += dayMs
  }
  return `${lines.join('\n')}\n`
}

/** The files by name. */
export function exampleData() {
  const next = random(2021)
  // A price with trends: its drift changes now and then.
  const trending = []
  let [price, drift] = [100, 0.08]
  for (let day = 0; day < 520; day++) {
    if (next() < 0.02) drift = (next() - 0.42) * 0.7
    price = Math.max(20, price + drift + (next() - 0.5) * 2)
    trending.push(price)
  }
  // Two prices that share their way, with a distance that comes back.
  const alpha = []
  const beta = []
  let [common, distance] = [60, 0]
  for (let day = 0; day < 520; day++) {
    common = Math.max(20, common + (next() - 0.5) * 1.2)
    distance = distance * 0.9 + (next() - 0.5) * 1.6
    alpha.push(common + distance)
    beta.push(common * 0.5)
  }
  return { 'prices.csv': rows(trending, next), 'ALPHA.csv': rows(alpha, next), 'BETA.csv': rows(beta, next) }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folder = dirname(fileURLToPath(import.meta.url))
  for (const [name, text] of Object.entries(exampleData())) writeFileSync(join(folder, name), text)
}
