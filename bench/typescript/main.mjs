// The benchmarks of runs in Node. `node main.mjs [--quick] [--records N] [WORD…]`: one JSON object a figure on standard
// output; words choose those whose name contains one of them. Needs what `npm run bench` builds before.
import { Child } from './lib/child.mjs'
import { nodeBenches } from './lib/names.mjs'
import { inflate, memory, orderBook, start } from './lib/other.mjs'
import { bars, delivery, quotes, trades } from './lib/rows.mjs'
import { writeStreams } from './lib/streams.mjs'

const works = { start, 'order book': orderBook, delivery, bars, quotes, trades, inflate, memory }

const options = process.argv.slice(2)
const quick = options.includes('--quick')
const stated = options.indexOf('--records')
const records = stated < 0 ? (quick ? 2_000_000 : 20_000_000) : Number(options[stated + 1])
const words = options.filter((word, at) => !word.startsWith('--') && options[at - 1] !== '--records')
const wanted = nodeBenches.filter(name => words.length === 0 || words.some(word => name.includes(word)))

const partner = Child.partner()
const { profile } = await partner.ready
process.stderr.write(`node ${process.version}, Rust profile ${profile}; writing the streams …\n`)
const streams = await writeStreams(records, 30_000)
process.stderr.write(`streams, memory-mapped by the runs: ${streams.folder}\n`)
try {
  for (const name of wanted) {
    const begin = performance.now()
    try {
      const figures = await works[name]({ streams, partner, quick, repeats: quick ? 3 : 5 })
      for (const figure of figures) process.stdout.write(`${JSON.stringify({ ...figure, profile })}\n`)
    } catch (error) {
      process.stderr.write(`✗ ${name}: ${error.message}\n`)
      process.exitCode = 1
    }
    process.stderr.write(`${name}: ${((performance.now() - begin) / 1000).toFixed(1)} s\n`)
  }
} finally {
  partner.close()
  streams.remove()
}
