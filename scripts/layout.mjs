// Writes src/native/layout.ts anew from the column layouts of crates/engine (`npm test` fails while it is stale).
import { run } from './lib/run.mjs'

const args = ['test', '--release', '-p', 'tickforge-engine', '--lib', 'the_typescript_layout_is_up_to_date']
const { code } = await run('cargo', args, { show: true, env: { TICKFORGE_UPDATE: '1' } })
process.exitCode = code
