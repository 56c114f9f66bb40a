#!/usr/bin/env node
/** The program `tickforge`. */
import { runCommandLine } from './program.ts'

// A reader that went away (`tickforge … | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await runCommandLine(process.argv.slice(2))
