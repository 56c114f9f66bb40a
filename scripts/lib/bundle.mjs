// One file in place of the dozens that `import 'tickforge'` would open: what the package's entries need at once goes
// into dist/runtime/engine.js, and the modules in it become re-exports of it, so that every path still leads to the same
// classes. What is imported later (report, command line, configuration files) stays as the compiler wrote it.
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './run.mjs'

const entries = ['src/index.ts', 'src/core/index.ts']
const staticImport = /^(?:import|export)\s(?!type\b)(?:[^'"]*?\sfrom\s)?['"](\.[^'"]+)['"]/gm

/** Every module that the entries import statically, relative to the root. */
function modules() {
  const found = new Set()
  const visit = path => {
    if (found.has(path)) return
    found.add(path)
    for (const [, specifier] of readFileSync(join(root, path), 'utf8').matchAll(staticImport)) {
      visit(join(dirname(path), specifier).split(sep).join('/'))
    }
  }
  for (const entry of entries) visit(entry)
  return [...found]
}

/** Modules imported later stay where they are, one folder up from the bundle. */
const later = {
  name: 'later',
  resolveDynamicImport(specifier, importer) {
    if (typeof specifier !== 'string' || !specifier.startsWith('.')) return null
    const path = relative(join(root, 'src'), join(dirname(importer), specifier))
      .split(sep)
      .join('/')
    return { id: `../${path.replace(/\.ts$/, '.js')}`, external: true }
  },
}

/** Writes the bundle and its re-exports over what the compiler wrote. */
export async function bundleRuntime() {
  const input = Object.fromEntries(
    modules().map(path => [relative('src', path).slice(0, -'.ts'.length), join(root, path)]),
  )
  const bundle = await rolldown({
    input,
    platform: 'node',
    tsconfig: false,
    // As the compiler lowers it: Node 20 cannot parse `using`.
    transform: { target: 'es2022' },
    plugins: [later],
    // Packages stay packages.
    external: (id, importer) => importer !== undefined && !id.startsWith('.') && !isAbsolute(id),
    preserveEntrySignatures: 'strict',
  })
  await bundle.write({
    dir: join(root, 'dist'),
    format: 'esm',
    sourcemap: true,
    comments: false,
    entryFileNames: '[name].js',
    chunkFileNames: 'runtime/[name].js',
    codeSplitting: { groups: [{ name: 'engine', test: () => true, debugName: 'engine' }] },
  })
  await bundle.close()
}
