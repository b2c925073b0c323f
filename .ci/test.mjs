import { root, run, setUp } from './setup.mjs'

const args = process.argv.slice(2)
const started = performance.now()
const counts = { passed: 0, failed: 0, skipped: 0 }

// Whatever goes wrong before, beside or after the tests themselves counts as one failure.
const code = (await setUp({ runtimes: args.includes('packages/runtimes') })) || (await tests())
if (code !== 0 && counts.failed === 0) counts.failed = 1

console.log(`\nTime: ${((performance.now() - started) / 1000).toFixed(1)} s`)
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`,
)
process.exitCode = counts.failed ? 1 : 0

async function tests() {
  let reported = false
  const code = await run(
    process.execPath,
    [
      `${root}/node_modules/vitest/vitest.mjs`,
      'run',
      '--reporter=default',
      `--reporter=${root}/.ci/counts.mjs`,
      ...args,
    ],
    {
      onMessage: (message) => {
        reported = true
        Object.assign(counts, message)
      },
    },
  )
  return reported ? code : 1
}
