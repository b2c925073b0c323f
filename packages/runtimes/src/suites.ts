import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Of an asynchronous store, which no runtime but Node has here. Their time is faked, and the runner's with it. */
const FAKED = /^resilience\W/

/** Of core and Hono what needs no server, and what every store must do. */
export const SUITES: readonly string[] = [
  ...testsOf('packages/core/src'),
  'packages/conformance/src/store/contract.test.ts',
  'packages/hono/src/hono.test.ts',
]

function testsOf(folder: string): string[] {
  const files = readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith('.test.ts') && !FAKED.test(file))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
}
