// Writes docs/guide/errors.md anew from the error codes in the sources.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorPage } from './lib/error-codes.mjs'
import { root } from './lib/run.mjs'

mkdirSync(join(root, 'docs/guide'), { recursive: true })
writeFileSync(join(root, 'docs/guide/errors.md'), errorPage())
