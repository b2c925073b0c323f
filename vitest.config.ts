import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
// Where a package has one, it runs once before the package's tests; before those of an example too, which count in Redis.
const GLOBAL_SETUP = 'src/testing/global-setup.ts'
const setupOf = (root: string) => `${root.startsWith('examples/') ? 'packages/redis' : root}/${GLOBAL_SETUP}`
const folders = ['packages', 'examples'].flatMap((parent) =>
  readdirSync(here(parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
    // Runs by itself: `pnpm runtimes`.
    .filter((folder) => folder !== 'packages/runtimes'),
)

export default defineConfig({
  resolve: {
    // Tests run the sources of every package, so that none needs a build first.
    alias: [
      { find: /^@spillway\/(\w+)$/, replacement: here('packages/$1/src/index.ts') },
      { find: /^@spillway\/core\/http$/, replacement: here('packages/core/src/http/index.ts') },
      { find: /^@spillway\/core\/vectors$/, replacement: here('packages/core/src/vectors.ts') },
    ],
  },
  test: {
    projects: [
      ...folders.map((root) => ({
        extends: true as const,
        root,
        test: {
          name: root,
          include: ['src/**/*.test.ts'],
          globalSetup: [setupOf(root)].map(here).filter(existsSync),
        },
      })),
      {
        // One run of tsc for all type tests; they see the other packages as built.
        extends: true,
        test: {
          name: 'types',
          typecheck: { enabled: true, only: true, include: ['packages/*/src/**/*.test-d.ts'] },
        },
      },
    ],
    coverage: {
      include: ['packages/*/src/**'],
      exclude: ['**/*.test-d.ts'],
    },
  },
})
