import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const exported = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
).exports
const entries = Object.entries(exported)
  .filter(([, target]) => typeof target !== 'string')
  .map(([name]) => name.replace(/^\./, 'tickforge'))

// A project that has the package installed, as a user's has.
const project = mkdtempSync(join(tmpdir(), 'tickforge-entries-'))
mkdirSync(join(project, 'node_modules'))
symlinkSync(root, join(project, 'node_modules/tickforge'))
writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What is wrong with a TypeScript file of the project. */
function diagnose(source: string, module: ts.ModuleKind, moduleResolution: ts.ModuleResolutionKind): string[] {
  const file = join(project, 'main.ts')
  writeFileSync(file, source)
  const program = ts.createProgram([file], {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    strict: true,
    noEmit: true,
    types: [],
    preserveSymlinks: true,
    skipLibCheck: true,
  })
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

const uses = `
import { Backtest, int, OrderBook, Strategy, type Bar, type Context } from 'tickforge'
import { LevelBook, OrderBook as CoreBook } from 'tickforge/core'
class Mine extends Strategy.with({ fast: int(10) }) {
  static data = { bars: '1m' }
  onBar(bar: Bar, ctx: Context): void { ctx.plot('close', bar.close * this.params.fast) }
}
const book: OrderBook = new CoreBook({ tickSize: 1 })
export const all: unknown[] = [Backtest, Mine, book.best.bid, new LevelBook({ tickSize: 1 }).depth(1).bids[0]?.price]
`

const wrong = `
import { OrderBook } from 'tickforge/core'
export const best: string = new OrderBook({ tickSize: 1 }).best.bid
`

describe('the entries of the package', () => {
  for (const [name, module, resolution] of [
    ['node16', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
    ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
  ] as const) {
    it(`have types under ${name} resolution`, () => {
      expect(entries).toEqual(expect.arrayContaining(['tickforge', 'tickforge/core']))
      const imports = entries.map((entry, at) => `import * as entry${at} from '${entry}'`).join('\n')
      const list = `export const entries: object[] = [${entries.map((_, at) => `entry${at}`).join(', ')}]`
      expect(diagnose(`${imports}\n${list}\n`, module, resolution)).toEqual([])
      expect(diagnose(uses, module, resolution)).toEqual([])
      // Types that were not found would be `any`, and everything would pass.
      expect(diagnose(wrong, module, resolution)).toEqual(["Type 'number' is not assignable to type 'string'."])
    })
  }

  it('are modules that Node imports, of which every file is there', () => {
    const script = `for (const entry of ${JSON.stringify(entries)}) console.log(entry, Object.keys(await import(entry)).length)`
    const run = join(project, 'main.mjs')
    writeFileSync(run, script)
    const lines = execFileSync(process.execPath, ['--preserve-symlinks', run], { encoding: 'utf8' }).trim().split('\n')
    expect(lines).toHaveLength(entries.length)
    for (const line of lines) expect(Number(line.split(' ')[1])).toBeGreaterThan(0)
    for (const target of Object.values(exported)) {
      const files = typeof target === 'string' ? [target] : Object.values(target)
      for (const file of files) expect(existsSync(join(root, file)), file).toBe(true)
    }
  })

  it('keep what is not an entry to themselves', () => {
    const run = join(project, 'inner.mjs')
    writeFileSync(run, "await import('tickforge/dist/native/binding.js').catch(error => console.log(error.code))")
    expect(execFileSync(process.execPath, [run], { encoding: 'utf8' }).trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})
