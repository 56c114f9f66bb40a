// What is not a strategy over rows: decompression, order book, start, memory.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child, root } from './child.mjs'
import { esh4, typeScriptRun } from './engine.mjs'
import { cost, interleave, rate } from './measure.mjs'

/** A `.dbn.zst` with decompression on the second core, read and run, beside zstd alone. */
export async function inflate({ streams, partner, repeats }) {
  const file = streams.path('generated.dbn.zst')
  const items = streams.records['generated.dbn.zst']
  const ours = typeScriptRun({ strategy: 'Trades', file, latency: '60us', ...esh4 })
  const ask = work => async () => {
    const { seconds, ...rest } = await partner.ask({ work, file })
    return { seconds, answer: rest.sum ?? rest.bytes, ...rest }
  }
  const found = await interleave({ inflate: ask('inflate'), source: ask('source'), run: ours.run }, repeats)
  ours.child.close()
  if (found.source.last.records !== items || found.run.last.records !== items) {
    throw new Error(`inflate: ${found.source.last.records} and ${found.run.last.records} records of ${items}`)
  }
  const common = { baseline: 'zstd alone', unit: 'records', items, beside: found.inflate }
  return [
    rate({ ...common, name: 'decode/.dbn.zst on two cores', targetRatio: 0.9, candidate: found.source }),
    rate({ ...common, name: 'engine/typescript trades+timer/.dbn.zst', candidate: found.run }),
  ]
}

/** The order book: single calls, batches, and what one call can take. */
export async function orderBook({ repeats, quick }) {
  const operations = quick ? 200_000 : 1_000_000
  const kinds = ['plain', 'native', 'batched', 'latency']
  const children = Object.fromEntries(kinds.map(kind => [kind, Child.node('book')]))
  const asks = kinds.map(kind => [kind, () => children[kind].ask({ book: kind, operations })])
  const found = await interleave(Object.fromEntries(asks), repeats, 2)
  for (const child of Object.values(children)) child.close()
  const { plain, native, batched, latency } = found
  for (const other of [native, batched, latency]) {
    if (other.last.answer !== plain.last.answer) {
      throw new Error(`order book: best prices ${other.last.answer}, in plain JavaScript ${plain.last.answer}`)
    }
  }
  const common = { baseline: 'plain JavaScript', unit: 'operations', items: operations, beside: plain }
  const { last } = latency
  const quantile = (name, nanos, target) =>
    cost({
      name: `order book/one call/${name}`,
      baseline: 'clock',
      unit: 'ns',
      values: [nanos],
      beside: [last.clock],
      target,
    })
  return [
    rate({ ...common, name: 'order book/single calls', target: 4e6, candidate: native }),
    rate({ ...common, name: 'order book/batches of 1,000', target: 15e6, candidate: batched }),
    quantile('p50', last.p50),
    quantile('p99', last.p99, 5_000),
    quantile('p99.9', last.p999),
  ]
}

function spawned(args, env = {}) {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pieces = []
    child.stdout.on('data', piece => pieces.push(piece))
    child.once('error', reject)
    child.once('close', code => {
      const seconds = (performance.now() - begin) / 1000
      if (code === 0) resolve({ seconds, answer: Buffer.concat(pieces).toString('utf8').trim() })
      else reject(new Error(`${args.join(' ')} ended with ${code}`))
    })
  })
}

/** A daily price file of 1,000 bars. */
function prices() {
  const lines = ['date,open,high,low,close,volume']
  let close = 100
  for (let day = 0; day < 1_000; day++) {
    const open = close
    close = Math.round((100 + 20 * Math.sin(day / 25) + 5 * Math.sin(day / 3)) * 100) / 100
    const [high, low] = [Math.max(open, close) + 1, Math.min(open, close) - 1]
    const date = new Date(Date.UTC(2000, 0, 1) + day * 86_400_000).toISOString().slice(0, 10)
    lines.push([date, open, high, low, close, 1_000].join(','))
  }
  return `${lines.join('\n')}\n`
}

/** A new process, from its start to the result of a first backtest, beside one that does nothing. */
export async function start({ repeats, quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'tickforge-start-'))
  try {
    const data = join(folder, 'prices.csv')
    writeFileSync(data, prices())
    const script = join(root, 'bench/typescript/start/first.mjs')
    const strategy = extension => join(root, `bench/typescript/start/first-strategy.${extension}`)
    const warm = { XDG_CACHE_HOME: join(folder, 'cache') }
    let fresh = 0
    const contenders = {
      empty: () => spawned(['-e', '0']),
      javascript: () => spawned([script, strategy('mjs'), data], warm),
      typescript: () => spawned([script, strategy('ts'), data], warm),
      first: () => spawned([script, strategy('ts'), data], { XDG_CACHE_HOME: join(folder, `cache-${fresh++}`) }),
    }
    const found = await interleave(contenders, quick ? 5 : Math.max(15, repeats))
    const { empty, javascript, typescript, first } = found
    if (typescript.last.answer !== javascript.last.answer || first.last.answer !== javascript.last.answer) {
      throw new Error(`start: ${javascript.last.answer} in JavaScript, ${typescript.last.answer} in TypeScript`)
    }
    const figure = (name, of, target) =>
      cost({
        name: `start/${name}`,
        baseline: 'node -e 0',
        unit: 'ms more',
        // Best beside best, median beside median: differences of neighbours would pick the luckiest pair.
        values: [found[of].best - empty.best, found[of].median - empty.median].map(seconds => seconds * 1e3),
        beside: empty.all.map(seconds => seconds * 1e3),
        target,
        answer: javascript.last.answer,
      })
    return [
      figure('javascript, 1,000 bars', 'javascript', 50),
      figure('typescript, cached', 'typescript', 50),
      figure('typescript, first time', 'first', 250),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Memory of a run of the whole generated stream, and what reading copies. */
export async function memory({ streams, partner }) {
  const file = streams.path('generated.dbn')
  const measured = Child.node('memory', '--expose-gc')
  const idle = await measured.ask({ idle: true })
  const run = await measured.ask({ file, ...esh4 })
  measured.close()
  const megabytes = bytes => bytes / 1e6
  const copied = async (name, stream) => {
    const { copied, bytes } = await partner.ask({ work: 'source', file: streams.path(stream) })
    const values = [(copied / bytes) * 100]
    return cost({ name: `memory/copied a byte decoded/${name}`, baseline: '–', unit: '%', values, target: 5 })
  }
  const note = `after a quarter ${megabytes(run.early - idle.now).toFixed(0)} MB, at the end ${megabytes(run.late - idle.now).toFixed(0)} MB`
  return [
    cost({
      name: 'memory/beyond input and empty Node',
      baseline: 'empty Node',
      unit: 'MB',
      values: [megabytes(run.peak - idle.now)],
      beside: [megabytes(idle.now)],
      target: 60,
      answer: run.answer,
      note,
    }),
    await copied('plain', 'generated.dbn'),
    await copied('zstd', 'generated.dbn.zst'),
  ]
}
