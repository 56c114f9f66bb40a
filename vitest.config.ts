import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // The examples import the package by its name: here that is the source.
  resolve: { alias: [{ find: /^tickforge$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }] },
  test: {
    include: ['__test__/**/*.test.ts'],
    pool: 'forks', // the native addon and child processes want whole processes, not threads
    testTimeout: 60_000,
    // Modules that the strategy loader wrote are Node's to import, not vite's.
    server: { deps: { external: [/\/tickforge\/graphs\//] } },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.d.ts', 'src/report/page/**', 'src/native/layout.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'coverage/typescript',
      thresholds: { lines: 90, statements: 90, functions: 90 },
    },
  },
})
