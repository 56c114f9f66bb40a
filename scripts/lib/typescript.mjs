// src/ to dist/: compiled files, declarations, source maps, assets and the configuration's JSON Schema.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { filesBelow } from './digest.mjs'
import { root, run } from './run.mjs'

const schemaPath = 'dist/configuration.schema.json'

/** Builds dist/ and resolves with an error text, or with null when all went well. */
export async function buildTypeScript() {
  const { code, output } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
  if (code !== 0) return output.trim()
  removeOrphans()
  copyAssets()
  const { bundleRuntime } = await import('./bundle.mjs')
  await bundleRuntime()
  await bundlePages()
  await writeSchema()
  return null
}

/** Deletes compiled files whose source is gone: a removed module must not stay importable. */
function removeOrphans() {
  for (const path of filesBelow('dist')) {
    const source = path.replace(/^dist\//, 'src/').replace(/(\.js\.map|\.d\.ts|\.js)$/, '.ts')
    if (source.endsWith('.ts') && !existsSync(join(root, source))) rmSync(join(root, path))
  }
}

/** Copies what is not TypeScript (style sheets, templates) beside the compiled files. */
function copyAssets() {
  for (const path of filesBelow('src')) {
    if (/\.(ts|md)$/.test(path)) continue
    const target = join(root, path.replace(/^src\//, 'dist/'))
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(join(root, path), target)
  }
}

/** Lets `src/report` prepare what runs in the browser, when it has such a step. */
async function bundlePages() {
  const script = join(root, 'scripts/lib/report-page.mjs')
  if (!existsSync(script)) return
  const { buildReportPage } = await import(pathToFileURL(script).href)
  await buildReportPage()
}

/** Ships the JSON Schema of the configuration file, for editors. */
async function writeSchema() {
  const module = join(root, 'dist/backtest/configuration.js')
  if (!existsSync(module)) return
  const { configurationJsonSchema } = await import(`${pathToFileURL(module).href}?built=${Date.now()}`)
  const temporary = join(root, `${schemaPath}.${process.pid}`)
  writeFileSync(temporary, `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`)
  renameSync(temporary, join(root, schemaPath))
}
