// What the strategy of bars computes, and nothing else: its two averages over closes in memory, and their crossings.
import { readFileSync } from 'node:fs'
import { Sma } from 'tickforge'

const recordBytes = 56

function closesOf(file) {
  const bytes = readFileSync(file)
  const start = 8 + bytes.readUInt32LE(4)
  const count = (bytes.length - start) / recordBytes
  const closes = new Float64Array(count)
  for (let at = 0; at < count; at++) closes[at] = Number(bytes.readBigInt64LE(start + at * recordBytes + 40)) / 1e9
  return closes
}

let loaded = { file: '', closes: new Float64Array(0) }

/** `{ file }` */
export async function run({ file }) {
  if (loaded.file !== file) loaded = { file, closes: closesOf(file) }
  const { closes } = loaded
  const fast = new Sma(50)
  const slow = new Sma(200)
  let above = false
  let orders = 0
  const begin = performance.now()
  for (let at = 0; at < closes.length; at++) {
    fast.update(closes[at])
    slow.update(closes[at])
    if (!slow.ready) continue
    const now = fast.value > slow.value
    if (now === above) continue
    above = now
    orders++
  }
  const seconds = (performance.now() - begin) / 1000
  return { seconds, orders, answer: `${closes.length} ${orders}` }
}
