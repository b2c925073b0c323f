import { mkdirSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { ROOT } from './suites.js'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FILES = '\0files'
const NOTHING = '\0nothing'

export interface BundleOptions {
  /** What the runtime starts, of `inside`. */
  readonly entry: 'process' | 'worker'
  /** Test files, by their paths in the repository. */
  readonly files: readonly string[]
  /** Export conditions of packages that the runtime has. */
  readonly conditions: readonly string[]
  /** Whether the runtime has Node's modules. Where it has not, importing one fails here. */
  readonly node: boolean
}

/** Writes one module with the test files and all that they import, `vitest` being what runs anywhere. */
export async function bundle(
  name: string,
  { entry, files, conditions, node }: BundleOptions,
): Promise<string> {
  const loaders = files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(ROOT + file)})`)
  const build = await rolldown({
    input: here(`inside/${entry}.ts`),
    platform: 'neutral',
    external: node ? /^node:/ : [],
    resolve: {
      extensionAlias: { '.js': ['.ts', '.js'] },
      mainFields: ['module', 'main'],
      conditionNames: [...conditions, 'import', 'default'],
      alias: { vitest: here('inside/vitest.ts') },
    },
    plugins: [
      {
        name: 'files',
        resolveId(id, importer) {
          if (id === 'virtual:files') return FILES
          // The fake timers take these from Node where they can.
          return importer?.includes('fake-timers') && isBuiltin(id) ? NOTHING : null
        },
        load(id) {
          if (id === FILES) return `export const files = {${loaders}}`
          return id === NOTHING ? '' : null
        },
      },
      {
        name: 'environment',
        transform: {
          filter: { id: /core\/src\/testing\/check\.ts$/ },
          handler: (code) => code.replaceAll('process.env', JSON.stringify(ENVIRONMENT)),
        },
      },
    ],
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message)
    },
  })
  const file = here(`../dist/${name}.mjs`)
  mkdirSync(here('../dist'), { recursive: true })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false })
  await build.close()
  writeFileSync(file, output[0].code)
  return file
}

/** What the properties ask of the environment, which a Worker has not. They are arithmetic: fewer runs than in Node will do. */
const ENVIRONMENT = {
  SPILLWAY_RUNS: process.env['SPILLWAY_RUNS'] ?? '100',
  SPILLWAY_SEED: process.env['SPILLWAY_SEED'],
}
