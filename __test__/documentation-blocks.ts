/** Fenced blocks of Markdown pages, and what it takes to run them. */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'

export const root: string = join(import.meta.dirname, '..')

export interface Block {
  readonly page: string
  /** Line of the page on which its text begins, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** The file that its first line names: `// momentum.ts`, `# backtest.yaml`. */
  readonly file: string | null
}

/** The pages whose blocks are run. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  ...readdirSync(join(root, 'docs/guide')).map(name => `docs/guide/${name}`),
]

export function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const fence = /^```(\w*)$/.exec(lines[at]!)
    if (fence === null) continue
    const end = lines.indexOf('```', at + 1)
    const text = `${lines.slice(at + 1, end).join('\n')}\n`
    const file = /^(?:\/\/|#) ([\w./-]+\.(?:ts|yaml))\n/.exec(text)?.[1] ?? null
    blocks.push({ page, line: at + 2, language: fence[1]!, text, file })
    at = end
  }
  return blocks
}

/** A folder in which the package is installed and the examples' files lie. */
export function project(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickforge-documentation-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/tickforge'))
  symlinkSync(join(root, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  symlinkSync(join(root, 'examples'), join(folder, 'examples'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const name of ['prices.csv', 'ALPHA.csv', 'BETA.csv']) {
    copyFileSync(join(root, 'examples/data', name), join(folder, name))
  }
  for (const name of ['momentum.ts', 'market-maker.ts', 'backtest.yaml']) {
    copyFileSync(join(root, 'examples', name), join(folder, name))
  }
  return folder
}

/**
 * A script whose lines `expression // → value` compare what they say with what is. A text that ends in … is the
 * beginning; a declaration is checked by its name.
 */
export function checked(block: Block): string {
  const lines = block.text.split('\n').map((line, index) => {
    const said = /^(\s*)(.*?)\s*\/\/ → (.*)$/.exec(line)
    if (said === null) return line
    const [, indent, code, value] = said as unknown as [string, string, string, string]
    const where = JSON.stringify([`${block.page}:${block.line + index}`, value])
    const declared = /^const (\w+) =/.exec(code)?.[1]
    if (declared !== undefined) return `${indent}${code}; __check(${declared}, ...${where})`
    const shown = /^console\.log\((.*)\)$/.exec(code)?.[1]
    return `${indent}__check((${shown ?? code}), ...${where})`
  })
  return `import { inspect as __inspect } from 'node:util'
const __check = (found: unknown, where: string, said: string): void => {
  const shown = typeof found === 'string' ? found : __inspect(found, { breakLength: Infinity, depth: 6, compact: 3 })
  const quoted = typeof found === 'string' ? __inspect(found) : shown
  const matches = said.endsWith('…') ? shown.startsWith(said.slice(0, -1)) : shown === said || quoted === said
  if (!matches) throw new Error(where + ': it is ' + shown + ', the page says ' + said)
}
${lines.join('\n')}`
}

/** JavaScript of a script. */
export function compiled(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  }).outputText
}

/** What the compiler says about files of a project. */
export function diagnose(folder: string, files: readonly string[]): string[] {
  const program = ts.createProgram(
    files.map(file => join(folder, file)),
    {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      moduleDetection: ts.ModuleDetectionKind.Force,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      preserveSymlinks: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    },
  )
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1
    return `${file?.fileName ?? ''}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

/** Runs Node in a project; gives exit code and both outputs together. */
export function node(folder: string, words: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise(done => {
    const options = { cwd: folder, maxBuffer: 1 << 28, timeout: 50_000, env: { ...process.env, NO_COLOR: '1' } }
    execFile(process.execPath, [...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1
      done({ code, output: stdout + stderr })
    })
  })
}

/** The command line of the package, as `node` takes it. */
export function tickforge(words: readonly string[]): string[] {
  return [join(root, 'dist/cli/main.js'), ...words]
}
