import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  type Block,
  blocksOf,
  checked,
  compiled,
  diagnose,
  node,
  pages,
  project,
  root,
  tickforge,
} from './documentation-blocks.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function newProject(): string {
  const folder = project()
  folders.push(folder)
  return folder
}

const languages = ['ts', 'yaml', 'sh', 'json', 'python', 'text']
/** Commands of a shell block that are the reader's to run, not a test's. */
const others = /^(npm|cargo|npx vitest|node --inspect-brk|RUST_BACKTRACE=1|mkdir|cd|git) ?/

/** A strategy file on data that feeds it. */
function dataFor(text: string): string[] {
  return /'1d'/.test(text) ? ['--data', 'prices.csv'] : ['--data', 'synthetic']
}

/** Runs Node in a project and wants an exit code; what was said is in the error. */
async function run(where: string, folder: string, words: readonly string[], wanted = 0): Promise<void> {
  const { code, output } = await node(folder, words)
  if (code !== wanted) throw new Error(`${where}: exit code ${code} instead of ${wanted}\n${output}`)
}

async function runBlock(block: Block, folder: string): Promise<void> {
  const where = `${block.page}:${block.line}`
  if (block.file !== null) writeFileSync(join(folder, block.file), block.text)
  if (block.language === 'ts' && block.file === null) {
    const script = `script-${block.line}.mjs`
    writeFileSync(join(folder, script), compiled(checked(block)))
    await run(where, folder, ['--preserve-symlinks', '--preserve-symlinks-main', script])
  } else if (block.language === 'ts' && block.text.includes('export default class')) {
    await run(where, folder, tickforge(['run', block.file!, ...dataFor(block.text), '--no-report']))
  } else if (block.language === 'yaml') {
    expect(block.file, `${where}: a configuration begins with a comment that names its file`).not.toBeNull()
    await run(where, folder, tickforge(['run', block.file!, '--no-report']))
  } else if (block.language === 'json') JSON.parse(block.text)
  else if (block.language === 'sh') await runCommands(block, folder)
}

async function runCommands(block: Block, folder: string): Promise<void> {
  for (const [index, line] of block.text.split('\n').entries()) {
    const command = line.replace(/\s+#.*$/, '').trim()
    if (command === '' || command.startsWith('#') || others.test(command)) continue
    const where = `${block.page}:${block.line + index}: ${command}`
    expect(command.startsWith('npx tickforge '), where).toBe(true)
    // Sorted out by someone who reads: benchmarks take minutes.
    if (/^npx tickforge bench/.test(command)) continue
    const words = command.match(/'[^']*'|\S+/g)!.slice(2)
    const wanted = Number(/# exit (\d)/.exec(line)?.[1] ?? 0)
    await run(where, folder, tickforge(words.map(word => word.replaceAll("'", ''))), wanted)
  }
}

describe('the documentation', () => {
  it('has snippets in known languages only, all of which type-check', () => {
    const folder = newProject()
    const files: string[] = []
    for (const block of pages.flatMap(blocksOf)) {
      expect(languages, `${block.page}:${block.line}`).toContain(block.language)
      if (block.language !== 'ts') continue
      const name = `${block.page.replace(/\W/g, '-')}-${block.line}.ts`
      writeFileSync(join(folder, name), block.text)
      files.push(name)
    }
    expect(files.length).toBeGreaterThan(15)
    expect(diagnose(folder, files)).toEqual([])
  })

  for (const page of pages) {
    if (!blocksOf(page).some(({ language }) => ['ts', 'yaml', 'sh', 'json'].includes(language))) continue
    it(`${page}: every snippet and command runs, and says what is so`, async () => {
      const folder = newProject()
      for (const block of blocksOf(page)) await runBlock(block, folder)
    })
  }

  it('notices a value that is not what the page says', async () => {
    const folder = newProject()
    const block = { page: 'made-up.md', line: 1, language: 'ts', text: 'const sum = 1 + 1 // → 3\n', file: null }
    await expect(runBlock(block, folder)).rejects.toThrow('it is 2, the page says 3')
  })

  it('has no link to a file that is not there', () => {
    const broken: string[] = []
    const linked = [...pages, 'docs/design/README.md', 'docs/design/architecture.md']
    for (const page of linked) {
      const text = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '')
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        const path = target!.replace(/#.*$/, '')
        if (path === '' || /^https?:/.test(path)) continue
        if (!existsSync(join(root, dirname(page), path))) broken.push(`${page}: ${target}`)
      }
    }
    expect(broken).toEqual([])
  })
})
