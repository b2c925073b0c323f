import { describe, it } from 'vitest'
import type { Result } from './inside/run.js'

/** Shows each test that ran in a runtime as a test of its own. Without any, vitest fails the file. */
export function report(runtime: string, results: readonly Result[]): void {
  describe(runtime, () => {
    for (const { path, state, note } of results) {
      it(path.join(' > '), (context) => {
        context.skip(state === 'skip', note)
        // Where it failed, it says itself.
        if (state === 'fail') throw Object.assign(new Error(note), { stack: '' })
      })
    }
  })
}
