import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { TickforgeError } from '../errors.ts'

/** What is put into every report, so that it opens without a network. */
export interface ReportAssets {
  /** uPlot, as one script that defines `uPlot`. */
  readonly uplot: string
  /** uPlot's style sheet. */
  readonly uplotStyle: string
  /** The page's own script. */
  readonly page: string
}

let cached: ReportAssets | undefined

/**
 * The scripts and styles of the page, read once: uPlot from the installed package, the page's own
 * script as the build bundled it.
 *
 * @throws TickforgeError `ERR_REPORT_SCRIPT` when the page's script was not built.
 */
export function reportAssets(): ReportAssets {
  cached ??= {
    uplot: packageFile('uplot/dist/uPlot.iife.min.js'),
    uplotStyle: packageFile('uplot/dist/uPlot.min.css'),
    page: pageScript(),
  }
  return cached
}

function packageFile(name: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(name), 'utf8')
}

function pageScript(): string {
  // From dist/ the bundle lies beside this file; from src/ it is the one that was built last.
  const place = import.meta.url.endsWith('.ts') ? '../../dist/report/page/main.js' : './page/main.js'
  const path = fileURLToPath(new URL(place, import.meta.url))
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new TickforgeError(
      'ERR_REPORT_SCRIPT',
      `the report's script ${path} is missing: \`npm run setup\` builds it`,
      { details: { path }, cause },
    )
  }
}
