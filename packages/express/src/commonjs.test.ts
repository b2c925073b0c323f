import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** What a process of its own says that requires these, as they are built, one after the other. */
function required(...packages: readonly string[]): string {
  const program = `for (const name of ${JSON.stringify(packages)})
    for (const [key, value] of Object.entries(require(name))) if (value === undefined) console.error(name, key)`
  const { stderr, status } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' })
  return `${stderr}${status}`
}

// Chunks of one package that require each other are half loaded for a moment: what is read of them then is undefined.
it.each([
  ['@spillway/core', '@spillway/core/http', '@spillway/express'],
  ['@spillway/core/http', '@spillway/core', '@spillway/express'],
  ['@spillway/express', '@spillway/core/http', '@spillway/core'],
])('is whole as CommonJS where %s, %s and %s are required in this order', (...packages) => {
  expect(required(...packages)).toBe('0')
})
