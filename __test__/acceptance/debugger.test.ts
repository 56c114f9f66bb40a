/** `node --inspect-brk` stops at a breakpoint in `onBar` of a TypeScript strategy file. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { WebSocket } from '../web-socket.ts'
import { program, temporaryFolder } from './support.ts'

const folder = temporaryFolder()

const strategy = `import { type Bar, type Context, Strategy } from 'tickforge'

interface Seen {
  count: number
}

export default class Debugged extends Strategy {
  static data = { bars: '1m' }
  seen: Seen = { count: 0 }

  onBar(bar: Bar, ctx: Context): void {
    this.seen.count += 1
    const close: number = bar.close
    if (close > 101) ctx.buy({ quantity: 1 })
  }
}
`

/** What an inspector says. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: Record<string, unknown>
}

interface Frame {
  readonly functionName: string
  readonly callFrameId: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
}

/** A debugger that sets a breakpoint at a line (from 1) of an original file, as editors do, and tells of the stops. */
class Debugger {
  readonly maps = new Map<string, SourceMap>()
  private readonly waiting = new Map<number, (message: Message) => void>()
  private readonly socket: WebSocket
  private next = 0

  constructor(socket: WebSocket) {
    this.socket = socket
  }

  send(method: string, params: object = {}): Promise<Message> {
    this.next += 1
    this.socket.send(JSON.stringify({ id: this.next, method, params }))
    return new Promise(answer => this.waiting.set(this.next, answer))
  }

  /** Runs until `onBar` is where it stops; every other stop goes on. */
  async stopAt(url: string, line: number): Promise<Frame> {
    return await new Promise((found, failed) => {
      const handle = async ({ id, method, params, result }: Message): Promise<void> => {
        if (id !== undefined) return this.waiting.get(id)?.({ ...(result && { result }) })
        if (method === 'Debugger.scriptParsed') await this.parsed(params as Record<string, string>, url, line)
        if (method !== 'Debugger.paused') return
        const frame = (params?.['callFrames'] as Frame[] | undefined)?.[0]
        if (frame?.functionName === 'onBar') found(frame)
        else await this.send('Debugger.resume')
      }
      this.socket.onMessage(text => void handle(JSON.parse(text) as Message).catch(failed))
      void (async () => {
        await this.send('Debugger.enable')
        // Scripts with a source map wait until breakpoints are set in them, as in every editor.
        await this.send('Debugger.setInstrumentationBreakpoint', {
          instrumentation: 'beforeScriptWithSourceMapExecution',
        })
        await this.send('Runtime.runIfWaitingForDebugger')
      })().catch(failed)
    })
  }

  private async parsed(params: Record<string, string>, url: string, line: number): Promise<void> {
    const { scriptId, sourceMapURL } = params
    if (scriptId === undefined || sourceMapURL?.startsWith('data:') !== true) return
    const map = JSON.parse(Buffer.from(sourceMapURL.split(',')[1]!, 'base64').toString())
    if (!map.sources.includes(url)) return
    const reader = new SourceMap(map)
    this.maps.set(scriptId, reader)
    const isWanted = (at: number): boolean =>
      [0, 2, 4, 6, 8].some(column => {
        const { originalLine } = reader.findEntry(at, column) as { originalLine?: number }
        return originalLine === line - 1
      })
    const lineNumber = Array.from({ length: 80 }, (_, at) => at).find(isWanted)
    await this.send('Debugger.setBreakpoint', { location: { scriptId, lineNumber } })
  }
}

it('a debugger stops at a breakpoint in onBar of a TypeScript strategy, and the run goes on from there', async () => {
  const file = join(folder, 'debugged.ts')
  writeFileSync(file, strategy)
  const line = 1 + strategy.split('\n').findIndex(text => text.includes('const close'))
  const rows = [100, 101, 102].map((price, at) => `2024-01-02T14:0${at}:00Z,${price},${price},${price},${price},10`)
  writeFileSync(join(folder, 'bars.csv'), `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
  const words = ['run', 'debugged.ts', '--data', 'bars.csv', '--symbol', 'AAA', '--timeframe', '1m', '--label', 'open']
  const child = spawn(process.execPath, ['--inspect-brk=127.0.0.1:0', program, ...words, '--no-report', '--json'], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    let out = ''
    child.stdout.on('data', (piece: Buffer) => {
      out += piece.toString()
    })
    const address = await new Promise<string>(found => {
      let text = ''
      child.stderr.on('data', (piece: Buffer) => {
        text += piece.toString()
        const match = /ws:\/\/\S+/.exec(text)
        if (match !== null) found(match[0])
      })
    })
    const ended = new Promise(done => child.on('close', done))
    const socket = await WebSocket.open(address)
    const inspector = new Debugger(socket)
    const { callFrameId, location } = await inspector.stopAt(pathToFileURL(file).href, line)
    const place = inspector.maps.get(location.scriptId)!.findEntry(location.lineNumber, location.columnNumber)
    expect(place).toMatchObject({ originalSource: pathToFileURL(file).href, originalLine: line - 1 })
    const evaluate = async (expression: string): Promise<unknown> => {
      const answer = await inspector.send('Debugger.evaluateOnCallFrame', { callFrameId, expression })
      return (answer.result as { result: { value: unknown } }).result.value
    }
    expect(await evaluate('bar.close')).toBe(100)
    expect(await evaluate('this.seen.count')).toBe(1)
    expect(await evaluate('ctx.position')).toBe(0)
    await inspector.send('Debugger.disable')
    socket.close()
    await ended
    expect(child.exitCode).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ result: { figures: { orders: 1 } } })
  } finally {
    child.kill('SIGKILL')
  }
})
