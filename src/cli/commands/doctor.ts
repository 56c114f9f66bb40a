/** `tickforge doctor`: what is installed, what was loaded and why, what is missing. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../loader/cache.ts'
import { addonPath, packageRoot } from '../../native/binding.ts'
import type { Engine } from '../engine.ts'
import { formatFacts } from '../facts.ts'
import type { Terminal } from '../terminal.ts'

/** One thing that was looked at. */
interface Check {
  readonly name: string
  /** Whether a run can do with it as it is. */
  readonly ok: boolean
  readonly found: string
  /** What to do when it is not. */
  readonly advice: string | null
}

/** Looks at the installation; returns the exit code: 1 when a run cannot work. */
export async function doctorCommand(engine: Engine, terminal: Terminal): Promise<number> {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }
  let addon: Readonly<Record<string, unknown>> | null = null
  let failure: string | null = null
  try {
    addon = await engine.doctor()
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  const checks = [nodeCheck(), addonCheck(failure), transformCheck(), rustCheck(), cacheCheck()]
  const document = {
    version: manifest.version,
    platform: `${process.platform}-${process.arch}`,
    healthy: checks.every(({ ok }) => ok),
    checks,
    engine: addon,
  }
  terminal.result(document, () => {
    const { green, red } = terminal.colours
    const lines = checks.map(({ name, ok, found, advice }) => {
      const mark = ok ? green('ok     ') : red('missing')
      return `${mark} ${name.padEnd(22)} ${found}${advice === null ? '' : `\n${' '.repeat(31)}${advice}`}`
    })
    const facts = addon === null ? '' : `\n\n${formatFacts(addon)}`
    return `tickforge ${document.version} on ${document.platform}\n\n${lines.join('\n')}${facts}`
  })
  return document.healthy ? 0 : 1
}

function nodeCheck(): Check {
  const ok = Number(process.versions.node.split('.')[0]) >= 20
  return {
    name: 'Node',
    ok,
    found: process.versions.node,
    advice: ok ? null : 'install Node 20 or newer from nodejs.org',
  }
}

function addonCheck(failure: string | null): Check {
  const advice = failure === null ? null : 'run `npm run setup` in the repository, or install tickforge again'
  return { name: 'native engine', ok: failure === null, found: failure ?? addonPath(), advice }
}

function transformCheck(): Check {
  const ok = existsSync(join(packageRoot(), 'node_modules/oxc-transform')) || canResolve('oxc-transform')
  return {
    name: 'TypeScript strategies',
    ok,
    found: ok ? 'oxc-transform' : 'absent',
    advice: ok ? null : 'run `npm install`',
  }
}

function canResolve(name: string): boolean {
  try {
    return import.meta.resolve(name) !== ''
  } catch {
    return false
  }
}

/** Needed to build from source only. */
function rustCheck(): Check {
  const { status, stdout } = spawnSync('cargo', ['--version'], { encoding: 'utf8' })
  const found = status === 0 ? stdout.trim() : 'absent; needed only to build from source (rustup.rs)'
  return { name: 'Rust', ok: true, found, advice: null }
}

function cacheCheck(): Check {
  return { name: 'cache', ok: true, found: cacheFolder(), advice: null }
}
