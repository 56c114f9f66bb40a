// `node contender.mjs NAME`: does the work of contenders/NAME.mjs, a task a line, until its input ends.
import { createInterface } from 'node:readline'

const { run } = await import(`./contenders/${process.argv[2]}.mjs`)
const say = value => process.stdout.write(`${JSON.stringify(value)}\n`)
say({ node: process.version })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await run(JSON.parse(line)))
  } catch (error) {
    say({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
