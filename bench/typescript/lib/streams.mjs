// The files that runs read: written once, memory-mapped by every run, in memory (tmpfs) where there is room for them.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binaries } from './child.mjs'

const memoryFolder = '/dev/shm'
const bytesARecord = 100

function folderFor(records) {
  if (!existsSync(memoryFolder)) return tmpdir()
  const { bavail, bsize } = statfsSync(memoryFolder)
  return bavail * bsize > records * bytesARecord * 2 ? memoryFolder : tmpdir()
}

/** Writes the streams and resolves with `{ folder, records: { file: count }, path(name), remove() }`. */
export async function writeStreams(records, live) {
  const folder = mkdtempSync(join(folderFor(records), 'tickforge-bench-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const output = await new Promise((resolve, reject) => {
    const child = spawn(join(binaries, 'partner'), ['streams', folder, String(records), String(live)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pieces = []
    child.stdout.on('data', piece => pieces.push(piece))
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve(Buffer.concat(pieces).toString('utf8'))
      else reject(new Error(`the streams could not be written: partner ended with ${code}`))
    })
  })
  const counts = JSON.parse(output)
  const path = name => join(folder, name)
  // Once through every byte: what a run maps is in memory then, wherever the folder lies.
  for (const name of Object.keys(counts)) readFileSync(path(name), { flag: 'r' })
  return { folder, records: counts, path, has: name => name in counts, remove }
}
