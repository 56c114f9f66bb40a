import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgetCacheFolder } from '../src/loader/cache.ts'
import { loadModules, loadStrategy, placeOf } from '../src/loader/loader.ts'

const folder = mkdtempSync(join(tmpdir(), 'tickforge loader-')) // with a space: paths become URLs on the way
const cache = join(folder, 'cache')
const before = process.env['XDG_CACHE_HOME']
const write = (name: string, content: string): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}
const code = (value: string) => expect.objectContaining({ code: value })

beforeAll(() => {
  process.env['XDG_CACHE_HOME'] = cache
  forgetCacheFolder()
})
afterAll(() => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME']
  else process.env['XDG_CACHE_HOME'] = before
  forgetCacheFolder()
  rmSync(folder, { recursive: true })
})

describe('a strategy file', () => {
  it('runs as it is, with types, using and files that it imports', async () => {
    write('lib/size.ts', 'export interface Size { n: number }\nexport const size: Size = { n: 42 }\n')
    write('plain.js', 'export const word = "js"\n')
    write('data.cjs', 'module.exports = { old: true }\n')
    const path = write(
      'good.ts',
      `import { readFileSync } from 'node:fs'
import old from './data.cjs'
import { size, type Size } from './lib/size.js'
import { word } from './plain'
export default class Good {
  readonly size: Size = size
  words: string[] = [word, typeof readFileSync, String(old.old)]
  async later(): Promise<number> { return (await import('./lib/size.ts')).size.n }
  where(): string { using _ = { [Symbol.dispose]() {} }; return import.meta.url }
}
`,
    )
    const { strategy, digests, file } = await loadStrategy(path)
    const good = new strategy() as { size: unknown; words: string[]; later(): Promise<number>; where(): string }
    expect(file).toBe(path)
    expect(good.size).toEqual({ n: 42 })
    expect(good.words).toEqual(['js', 'function', 'true'])
    expect(await good.later()).toBe(42)
    expect(good.where()).toBe(pathToFileURL(path).href)
    expect(Object.keys(digests).sort()).toEqual([path, join(folder, 'lib/size.ts'), join(folder, 'plain.js')].sort())
  })

  it('finds packages in its own folder, those for import only too', async () => {
    write('node_modules/only-esm/package.json', '{ "name": "only-esm", "exports": { "import": "./index.mjs" } }')
    write('node_modules/only-esm/index.mjs', 'export const found = "in the user\'s folder"')
    const path = write('uses.ts', 'import { found } from "only-esm"\nexport default class { found = found }\n')
    const { strategy } = await loadStrategy(path)
    expect(new strategy()).toEqual({ found: "in the user's folder" })
  })

  it('may be one of a circle of imports', async () => {
    write('b.ts', 'import A from "./a.ts"\nexport const name = () => A.name\n')
    const path = write('a.ts', 'import { name } from "./b.ts"\nexport default class Circle { name = name() }\n')
    const { strategy } = await loadStrategy(path)
    expect(new strategy()).toEqual({ name: 'Circle' })
  })

  it('shares a module with another file that is loaded with it', async () => {
    write('shared.ts', 'export const token = {}\n')
    const one = write('one.ts', 'import { token } from "./shared"\nexport const mine = token\n')
    const two = write('two.ts', 'import { token } from "./shared"\nexport const mine = token\n')
    const [first, second] = await loadModules([one, two])
    expect(first?.exports['mine']).toBe(second?.exports['mine'])
  })

  it('is loaded anew when it, or a file that it imports, has changed', async () => {
    write('value.ts', 'export const value = 1\n')
    const path = write('changing.ts', 'import { value } from "./value"\nexport default class { value = value }\n')
    expect(new (await loadStrategy(path)).strategy()).toEqual({ value: 1 })
    write('value.ts', 'export const value = 2\n')
    expect(new (await loadStrategy(path)).strategy()).toEqual({ value: 2 })
  })

  it('may be named without its ending', async () => {
    write('short.ts', 'export default class { n = 1 }\n')
    expect((await loadStrategy(join(folder, 'short'))).file).toBe(join(folder, 'short.ts'))
  })
})

describe('a file that cannot be loaded', () => {
  it.each([
    ['is not there', 'absent.ts', null, 'ERR_LOADER_NOT_FOUND', 'absent.ts'],
    ['is no TypeScript', 'broken.ts', 'const a = 1\nconst b: = 2\n', 'ERR_LOADER_SYNTAX', 'broken.ts:2:10'],
    ['imports a file that is not there', 'lost.ts', 'import "./nowhere"\n', 'ERR_LOADER_NOT_FOUND', "'./nowhere'"],
    [
      'imports a package that is not there',
      'pkg.ts',
      'import "no-such-package"\n',
      'ERR_LOADER_NOT_FOUND',
      "'no-such-package'",
    ],
    ['throws', 'throws.ts', '\n\nthrow new RangeError("too far")\n', 'ERR_LOADER_RUN', 'RangeError: too far'],
    ['has no class', 'none.ts', 'export const a = 1\n', 'ERR_LOADER_EXPORT', 'export default class'],
    ['has an arrow function', 'arrow.ts', 'export default () => 1\n', 'ERR_LOADER_EXPORT', 'export default class'],
    [
      'imports a name that is not exported',
      'name.ts',
      'import { zzz } from "./shared"\nexport default class { z = zzz }\n',
      'ERR_LOADER_RUN',
      "'shared.ts' does not provide an export named 'zzz'",
    ],
  ])('because it %s says where', async (_, name, content, wanted, message) => {
    const path = content === null ? join(folder, name) : write(name, content)
    write('shared.ts', 'export const token = {}\n')
    await expect(loadStrategy(path)).rejects.toThrow(code(wanted))
    await expect(loadStrategy(path)).rejects.toThrow(message)
  })
})

describe('the cache', () => {
  it('is mended when an entry is damaged', async () => {
    const path = write('mended.ts', 'export default class { n = 1 }\n')
    await loadStrategy(path)
    const files = join(cache, 'tickforge/files')
    for (const name of readdirSync(files)) writeFileSync(join(files, name), '{ not json')
    write('mended.ts', 'export default class { n = 2 }\n')
    expect(new (await loadStrategy(path)).strategy()).toEqual({ n: 2 })
  })

  it('is private to the user', () => {
    const listing = execFileSync('ls', ['-ld', join(cache, 'tickforge/graphs')], { encoding: 'utf8' })
    expect(listing).toMatch(/^drwx------/)
  })

  it('is not needed where it cannot be written', () => {
    const path = write('nocache.ts', 'export default class { n: number = 5 }\n')
    const script = `const { loadStrategy } = await import(${JSON.stringify(pathToFileURL(resolve('dist/loader/loader.js')).href)})
const { strategy } = await loadStrategy(${JSON.stringify(path)})
console.log(new strategy().n)`
    const env = { ...process.env, XDG_CACHE_HOME: write('a-file', '') }
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env, encoding: 'utf8' })).toBe('5\n')
  })
})

describe('a place in a file', () => {
  it('is null when an error comes from elsewhere', () => {
    expect(placeOf(new Error('x'), ['/nowhere.ts'])).toBeNull()
    expect(placeOf('text', ['/nowhere.ts'])).toBeNull()
  })

  it('is that of the original file when a strategy throws later', () => {
    const path = write(
      'later.ts',
      'interface A { b: 1 }\ntype C = A\n\nexport default class {\n  run(c?: C): void {\n    throw new Error(String(c))\n  }\n}\n',
    )
    const loader = JSON.stringify(pathToFileURL(resolve('dist/loader/loader.js')).href)
    const script = `const { loadStrategy, placeOf } = await import(${loader})
const { strategy, digests } = await loadStrategy(${JSON.stringify(path)})
try { new strategy().run() } catch (error) { console.log(JSON.stringify(placeOf(error, Object.keys(digests)))) }`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(JSON.parse(output)).toEqual({ file: path, line: 6, column: 11 })
  })
})

describe('a file that throws while it is loaded', () => {
  it('is named with line and column', () => {
    const path = write('raises.ts', 'interface A { b: 1 }\n\nthrow new RangeError("too far")\n')
    const loader = JSON.stringify(pathToFileURL(resolve('dist/loader/loader.js')).href)
    const script = `const { loadStrategy } = await import(${loader})
await loadStrategy(${JSON.stringify(path)}).catch(error => console.log(JSON.stringify(error)))`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(JSON.parse(output)).toMatchObject({
      code: 'ERR_LOADER_RUN',
      message: `${path}:3:7: RangeError: too far`,
      details: { file: path, line: 3, column: 7 },
    })
  })
})

describe('a debugger', () => {
  it('stops at a breakpoint in the TypeScript file, found through its source map', async () => {
    const path = write(
      'debugged.ts',
      'interface A {\n  b: 1\n}\nexport default class {\n  onBar(a?: A): number {\n    const answer = 42\n    return answer\n  }\n}\n',
    )
    const loader = pathToFileURL(resolve('dist/loader/loader.js')).href
    const main = write(
      'main.mjs',
      `import { loadStrategy } from ${JSON.stringify(loader)}
const { strategy } = await loadStrategy(${JSON.stringify(path)})
new strategy().onBar()
`,
    )
    const child = spawn(process.execPath, ['--inspect-brk=0', main], { stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      const address = await new Promise<string>(found => {
        let text = ''
        child.stderr.on('data', (piece: Buffer) => {
          text += piece.toString()
          const match = /ws:\/\/\S+/.exec(text)
          if (match !== null) found(match[0])
        })
      })
      const stopped = await stopAt(address, pathToFileURL(path).href, 6)
      expect(stopped).toEqual({ functionName: 'onBar', line: 7, answer: 42 })
    } finally {
      child.kill('SIGKILL')
    }
  })
})

interface Message {
  id?: number
  method?: string
  params?: Record<string, never>
  result?: Record<string, never>
}

/** Sets a breakpoint at a line (from 0) of an original file as editors do, runs to it, and says where it stopped. */
async function stopAt(address: string, url: string, line: number): Promise<unknown> {
  const { SourceMap } = await import('node:module')
  const { WebSocket } = await import('./web-socket.ts')
  const socket = await WebSocket.open(address)
  let id = 0
  const waiting = new Map<number, (message: Message) => void>()
  const send = (method: string, params: object = {}): Promise<Message> => {
    id += 1
    socket.send(JSON.stringify({ id, method, params }))
    return new Promise(answer => waiting.set(id, answer))
  }
  return await new Promise((found, failed) => {
    const handle = async (message: Message): Promise<void> => {
      if (message.id !== undefined) return waiting.get(message.id)?.(message)
      const params = message.params as Record<string, unknown> | undefined
      if (message.method === 'Debugger.scriptParsed' && String(params?.['sourceMapURL']).startsWith('data:')) {
        const map = JSON.parse(
          Buffer.from(String(params?.['sourceMapURL']).split(',')[1] as string, 'base64').toString(),
        )
        if (!map.sources.includes(url)) return
        const reader = new SourceMap(map)
        const generated = Array.from({ length: 50 }, (_, at) => at).find(at =>
          [0, 2, 4].some(column => (reader.findEntry(at, column) as { originalLine?: number }).originalLine === line),
        )
        await send('Debugger.setBreakpoint', { location: { scriptId: params?.['scriptId'], lineNumber: generated } })
      }
      if (message.method === 'Debugger.paused') {
        const frame = (params?.['callFrames'] as { functionName: string; callFrameId: string }[] | undefined)?.[0]
        if (frame?.functionName !== 'onBar') return void (await send('Debugger.resume'))
        const evaluated = await send('Debugger.evaluateOnCallFrame', {
          callFrameId: frame.callFrameId,
          expression: 'answer',
        })
        const answer = (evaluated.result as unknown as { result: { value: number } }).result.value
        socket.close()
        found({ functionName: frame.functionName, line: line + 1, answer })
      }
    }
    socket.onMessage(text => void handle(JSON.parse(text) as Message).catch(failed))
    void (async () => {
      await send('Debugger.enable')
      // Scripts with a source map wait until breakpoints are set in them, as in every editor.
      await send('Debugger.setInstrumentationBreakpoint', { instrumentation: 'beforeScriptWithSourceMapExecution' })
      await send('Runtime.runIfWaitingForDebugger')
    })().catch(failed)
  })
}
