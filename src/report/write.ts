import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ReportData } from './data.ts'
import { renderReport } from './render.ts'

let written = 0

/**
 * Renders a report into a file, which appears by rename when it is whole; missing folders are made.
 *
 * @throws as `renderReport`, and what the file system says.
 */
export async function writeReport(path: string, data: ReportData): Promise<void> {
  const html = renderReport(data)
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${written++}.partial`)
  try {
    await writeFile(temporary, html)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
