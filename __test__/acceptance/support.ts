/** What the acceptance tests share: the shared data folder, the built program, folders that go away. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll } from 'vitest'

/** The checkout. */
export const root: string = resolve(import.meta.dirname, '../..')
/** The program as it is installed. */
export const program: string = join(root, 'dist/cli/main.js')
/** The market maker of the examples. */
export const marketMakerFile: string = join(root, 'examples/market-maker.ts')

const sharedFolder = process.env['TICKFORGE_SHARED'] ?? resolve(root, '../shared')

/** A file of the shared data, or null, with a word, where it is not there. */
export function shared(path: string): string | null {
  const file = join(sharedFolder, path)
  if (existsSync(file)) return file
  process.stderr.write(`skipped: ${path} is not in the shared data (TICKFORGE_SHARED)\n`)
  return null
}

/** The two days of ESH4. */
export const esh4: string | null = shared('data/market/dbn-nautilus/esh4-glbx-mdp3-20231225.mbo.dbn.zst')
/** The day before. */
export const esh4Before: string | null = shared('data/market/dbn-nautilus/esh4-glbx-mdp3-20231224.mbo.dbn.zst')

/** A folder that goes away after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickforge-acceptance-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every file below a folder, by relative path, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

/** What a command ended with. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts the program as a person does and waits for its end; `started` is given the process. */
export function tickforge(
  words: readonly string[],
  cwd: string,
  started: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  return command(process.execPath, [program, ...words], cwd, started)
}

/** Starts a command and waits for its end. */
export function command(
  name: string,
  words: readonly string[],
  cwd: string,
  started: (child: ChildProcess) => void = () => undefined,
): Promise<Ended> {
  return new Promise((ended, failed) => {
    const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' }
    const child = spawn(name, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    started(child)
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      out += piece
    })
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      err += piece
    })
    child.on('error', failed)
    child.on('close', code => ended({ code, out, err }))
  })
}
