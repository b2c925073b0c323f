import { join } from 'node:path'
import { BaseSequencer, createVitest, type TestSpecification } from 'vitest/node'
import type { Judgement, Request } from './judge.js'

// Runs in a process of its own, in a copy of the workspace, and answers each request by a judgement.

process.env['SPILLWAY_SEED'] ??= '1'

let order: readonly string[] = []

class AsWritten extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.sort((a, b) => order.indexOf(a.moduleId) - order.indexOf(b.moduleId))
  }
}

/** What went wrong in this run, told as it happens: Vitest itself remembers earlier runs too. */
let failed: string[] = []
let errors: string[] = []

const vitest = await createVitest('test', {
  watch: false,
  project: ['!types'],
  // Threads end with this process, so that ending it ends an endless loop.
  pool: 'threads',
  maxWorkers: 1,
  bail: 1,
  // A busy machine fails no test; the judge has an eye on the time.
  testTimeout: 120_000,
  cache: false,
  sequence: { sequencer: AsWritten },
  reporters: [
    {
      onTestCaseResult(test) {
        if (test.result().state === 'failed') failed.push(test.fullName)
      },
      onTestModuleEnd(module) {
        for (const suite of [module, ...module.children.allSuites()])
          errors.push(...suite.errors().map(({ message }) => message))
        const tests = [...module.children.allTests()]
        if (tests.length > 0 && tests.every((test) => test.result().state === 'skipped'))
          errors.push(
            `${module.relativeModuleId} skips all its tests here: something that they need is missing.`,
          )
      },
      onTestRunEnd(_modules, unhandled) {
        errors.push(...unhandled.map(({ message }) => message))
      },
    },
  ],
})
const known = await vitest.globTestSpecifications()

process.on('disconnect', () => process.exit())
process.on('message', (request: Request) => {
  judge(request).then(
    (judgement) => process.send?.(judgement),
    (error) => process.send?.({ verdict: 'untested', reason: String(error) }),
  )
})

async function judge({ files, tests, runs }: Request): Promise<Judgement> {
  order = tests.map((path) => join(process.cwd(), path))
  const specifications = known.filter(({ moduleId }) => order.includes(moduleId))
  if (specifications.length < tests.length) throw new Error(`Not all are test files: ${tests.join(', ')}`)
  process.env['SPILLWAY_RUNS'] = String(runs)
  failed = []
  errors = []
  // They have just changed, and will be changed back.
  const invalidate = () => {
    for (const file of files) vitest.invalidateFile(join(process.cwd(), file))
  }
  invalidate()
  await vitest.runTestSpecifications(specifications)
  invalidate()
  if (failed.length > 0) return { verdict: 'killed', reason: failed.join('\n') }
  if (errors.length > 0) return { verdict: 'untested', reason: errors.join('\n') }
  return { verdict: 'survived', reason: '' }
}
