import { play, vectors } from '@spillway/core/vectors'
import { describe, expect, it } from 'vitest'
import { sameAsMemory } from './bench.js'
import type { StoreHarness } from './harness.js'

/** Every algorithm answers what was worked out by hand. */
export function algorithms(harness: StoreHarness): void {
  describe.each(Object.entries(vectors))('%s', (_name, ofAlgorithm) => {
    it.each(ofAlgorithm)('$title', async (vector) => {
      const answers = vector.steps.map(([at, ask, answer]) => (answer ? [at, ask, answer] : [at, ask]))
      await sameAsMemory(harness, { policy: vector.policy }, async (bench) => {
        const setClock = (now: number) => {
          bench.now = now
        }
        expect(await play(vector, { limiter: bench.limiter, setClock })).toEqual(answers)
      })
    })
  })
}
