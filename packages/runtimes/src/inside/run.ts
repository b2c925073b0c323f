import { startTests, type Task, type VitestRunner } from '@vitest/runner'
import type { TestError } from '@vitest/utils'

/** What a test or, where it could not be loaded, a file came to. */
export interface Result {
  /** The file, the suites, the test. */
  readonly path: readonly string[]
  readonly state: 'pass' | 'fail' | 'skip'
  /** Why it failed or was skipped. */
  readonly note: string
}

/** Test files by their names, not loaded yet. */
export type Files = Readonly<Record<string, () => Promise<unknown>>>

/** Runs test files where this is called. */
export async function run(files: Files): Promise<Result[]> {
  const runner: VitestRunner = {
    config: {
      root: '/',
      setupFiles: [],
      name: undefined,
      passWithNoTests: false,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      maxConcurrency: 1,
      // Three runtimes at a time may have to share one slow machine.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // Clients that leave race with servers that answer: what fails must fail again.
      retry: 2,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: (name) => files[name.slice(1)]?.(),
  }
  const ran = await startTests(
    Object.keys(files).map((name) => `/${name}`),
    runner,
  )
  return ran.flatMap((file) => resultsOf(file, []))
}

function resultsOf(task: Task, above: readonly string[]): Result[] {
  const path = [...above, task.name]
  const inside = task.type === 'suite' ? task.tasks.flatMap((inner) => resultsOf(inner, path)) : []
  const errors = task.result?.errors ?? []
  // A suite fails with its tests, or by itself: in a hook, or where it has none.
  if (task.type === 'suite' && errors.length === 0) return inside
  return [...inside, { path, state: outcome(task), note: noteOf(task, errors) }]
}

/** What has not run for a reason of its own has failed. */
function outcome({ mode, result }: Task): Result['state'] {
  if (result?.state === 'pass') return 'pass'
  return mode === 'skip' || mode === 'todo' || result?.state === 'skip' ? 'skip' : 'fail'
}

function noteOf(task: Task, errors: readonly TestError[]): string {
  const { note = 'it did not run' } = (task.result ?? {}) as { note?: string }
  const texts = errors.map(({ message, stack = '', diff = '' }) => {
    // The stack of a test that took too long says nothing of that.
    return [stack.includes(message) ? '' : message, stack, diff].join('\n')
  })
  return texts.join('\n') || note
}
