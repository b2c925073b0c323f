import { expect, it } from 'vitest'
import type { Vector } from '../algorithms/vector.js'
import { createLimiter } from '../limiter.js'
import { play } from './play.js'
import { watch } from './watch.js'

/** Tests the memory store against the vectors of one algorithm. */
export function testVectors(vectors: readonly Vector[]): void {
  for (const vector of vectors) it(vector.title, () => test(vector))
}

async function test(vector: Vector): Promise<void> {
  let now = 0
  const { policy, before } = watch(vector.policy)
  const limiter = createLimiter({ policies: { policy }, clock: () => now })
  const told = await play(vector, {
    limiter,
    setClock(at) {
      now = at
    },
    async state(key) {
      await limiter.peek(key)
      return before()
    },
  })
  expect(told).toEqual(vector.steps)
}
