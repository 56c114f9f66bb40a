// src/report/page/*.ts to one browser script, dist/report/page/main.js; renderReport puts it into every report.
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { filesBelow } from './digest.mjs'
import { root, run } from './run.mjs'

/** Checks and bundles the report's script; throws with the compiler's words when it has errors. */
export async function buildReportPage() {
  const { code, output } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/report/page'])
  if (code !== 0) throw new Error(`src/report/page does not compile:\n${output.trim()}`)
  const bundle = await rolldown({ input: join(root, 'src/report/page/main.ts'), platform: 'browser' })
  const target = join(root, 'dist/report/page/main.js')
  const temporary = `${target}.${process.pid}`
  await bundle.write({ file: temporary, format: 'iife', minify: true })
  await bundle.close()
  for (const path of filesBelow('dist/report/page')) if (path.endsWith('tsconfig.json')) rmSync(join(root, path))
  renameSync(temporary, target)
}
