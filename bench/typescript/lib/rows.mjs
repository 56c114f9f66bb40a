// Strategies over market by order, and the delivery of one row.
import { Child } from './child.mjs'
import { esh4, rustRun, sameRows, series, typeScriptRun } from './engine.mjs'
import { cost, interleave, rate } from './measure.mjs'

/** A TypeScript strategy on trades and a timer beside the Rust one on every book change. */
export async function trades({ streams, partner, repeats }) {
  const task = { strategy: 'Trades', file: streams.path('generated.dbn'), latency: '60us', ...esh4 }
  const ours = typeScriptRun(task)
  const quotes = await rustRun(partner, { ...task, strategy: 'Empty' }, { rests: true })
  const found = await interleave({ rust: quotes, typescript: ours.run }, repeats)
  ours.child.close()
  const { last } = found.typescript
  if (last.records !== streams.records['generated.dbn']) throw new Error(`trades: ${last.records} records were read`)
  return [
    rate({
      name: 'engine/typescript trades+timer/generated',
      baseline: 'Rust strategy on quotes',
      unit: 'records',
      items: last.records,
      target: 12e6,
      candidate: found.typescript,
      beside: found.rust,
      note: `${(last.rows / last.steps).toFixed(2)} rows a step`,
    }),
  ]
}

/** Every change of the best prices, re-quoting when the price moved, beside an empty handler and beside Rust. */
export async function quotes({ streams, partner, repeats }) {
  if (!streams.has('esh4.dbn')) return []
  const task = { strategy: 'Quoter', file: streams.path('esh4.dbn'), latency: '60us', ...esh4 }
  const quoter = typeScriptRun(task)
  const empty = typeScriptRun({ ...task, strategy: 'Empty' })
  const rust = await rustRun(partner, { ...task, strategy: 'Empty' }, { rests: true })
  const found = await interleave({ rust, empty: empty.run, quoter: quoter.run }, repeats, 2)
  quoter.child.close()
  empty.child.close()
  sameRows('quotes', found.empty.last, found.rust.last)
  if (found.quoter.last.seen !== found.empty.last.seen) throw new Error('quotes: the quoter saw other rows')
  const items = found.empty.last.records
  const perStep = ({ last }) => `${(last.rows / last.steps).toFixed(2)} rows a step`
  return [
    rate({
      name: 'engine/typescript re-quoting/esh4',
      baseline: 'empty handler',
      unit: 'records',
      items,
      target: 8e6,
      candidate: found.quoter,
      beside: found.empty,
      note: perStep(found.quoter),
    }),
    rate({
      name: 'engine/typescript empty handler/esh4',
      baseline: 'Rust strategy on quotes',
      unit: 'records',
      items,
      candidate: found.empty,
      beside: found.rust,
      note: perStep(found.empty),
    }),
  ]
}

/**
 * One row delivered: what a run takes longer than the same run of a Rust strategy. Quotes come from a file of them, which
 * costs the engine little, so that the difference is not lost in it; depth comes from market by order.
 */
export async function delivery({ streams, partner, repeats }) {
  const figures = []
  const depthStream = streams.has('esh4.dbn') ? 'esh4.dbn' : 'generated.dbn'
  for (const [strategy, name, file, stepRows, target, handler] of [
    ['Quotes', 'one row a step', 'quotes.dbn', 1, 70, 'onQuote'],
    ['Quotes', '64 rows a step', 'quotes.dbn', 64, 30, 'onQuote'],
    ['Depths', '10-level depth', depthStream, 1, 150, 'onDepth'],
  ]) {
    const terms = file === 'quotes.dbn' ? series : esh4
    const task = { strategy, file: streams.path(file), latency: '64ms', stepRows, ...terms }
    const ours = typeScriptRun(task)
    const rust = await rustRun(partner, task)
    const loop = Child.node('loop')
    const rows = streams.records[file]
    const found = await interleave({ rust, typescript: ours.run, loop: () => loop.ask({ rows, stepRows }) }, repeats, 2)
    for (const child of [ours.child, loop]) child.close()
    sameRows(name, found.typescript.last, found.rust.last)
    const { last } = found.typescript
    const values = found.typescript.all.map((seconds, at) => ((seconds - found.rust.all[at]) / rows) * 1e9)
    figures.push(
      cost({
        name: `delivery/${handler}/${name}`,
        baseline: 'loop in JavaScript',
        unit: 'ns',
        // Two runs of different speed make a difference of any size: the median of the differences stands.
        values: [values.toSorted((a, b) => a - b)[values.length >> 1]],
        beside: found.loop.all.map(seconds => (seconds / rows) * 1e9),
        target,
        answer: last.answer,
        note: `${(last.rows / last.steps).toFixed(1)} rows a step; difference of whole runs, Rust alone ${((found.rust.median / rows) * 1e9).toFixed(0)} ns`,
      }),
    )
  }
  return figures
}

/** Bars through an indicator cross with orders beside its arithmetic alone. */
export async function bars({ streams, partner, repeats }) {
  const file = streams.path('bars.dbn')
  const task = { strategy: 'Cross', file, latency: '1ms', ...series }
  const ours = typeScriptRun(task)
  const rust = await rustRun(partner, task)
  const arithmetic = Child.node('arithmetic')
  const found = await interleave({ rust, arithmetic: () => arithmetic.ask({ file }), typescript: ours.run }, repeats, 2)
  for (const child of [ours.child, arithmetic]) child.close()
  sameRows('bars', found.typescript.last, found.rust.last)
  const items = streams.records['bars.dbn']
  const ordersIn = answer => answer.split(' ')[1]
  const { typescript } = found
  if (ordersIn(typescript.last.answer) !== String(found.arithmetic.last.orders)) {
    throw new Error(`bars: ${typescript.last.answer} orders, the arithmetic ${found.arithmetic.last.orders}`)
  }
  return [
    rate({
      name: 'engine/typescript sma cross/bars',
      baseline: 'its arithmetic alone',
      unit: 'bars',
      items,
      target: 4e6,
      candidate: typescript,
      beside: found.arithmetic,
      note: `${ordersIn(typescript.last.answer)} orders; Rust strategy without any ${(items / found.rust.best / 1e6).toFixed(1)} M bars/s`,
    }),
  ]
}
