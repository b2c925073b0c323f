import fc from 'fast-check'
import { describe, it } from 'vitest'
import { createLimiter } from '../../limiter.js'
import { memoryStore } from '../../stores/memory.js'
import { check, holds, PATIENCE, SEEDED } from '../../testing/check.js'
import { leakyBucketKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { leakyBucketVectors } from './leaky-bucket.vectors.js'

describe('leakyBucket', () => {
  testVectors(leakyBucketVectors)
  testProperties(leakyBucketKind)

  it(`starts fewer than 1 + limit * (d + 1) / window in any d, in the order asked ${SEEDED}`, {
    timeout: PATIENCE,
  }, async () => {
    const steps = fc.array(fc.oneof(fc.constant(0), fc.nat(48)), { maxLength: 200, size: 'max' })
    await check(fc.record({ params: leakyBucketKind.params, steps }), async ({ params, steps }) => {
      const { window, limit } = params
      let now = 0
      const limiter = createLimiter({
        name: 'n',
        policies: { policy: leakyBucketKind.build(params, {}).policy },
        store: memoryStore({ maxKeys: 1 }),
        clock: () => now,
      })
      const starts: number[] = []
      for (const step of steps) {
        now += Math.floor((step * window) / limit / 16)
        const { allowed, delayMs } = limiter.consumeSync('k')
        if (allowed) starts.push(now + delayMs)
      }

      for (const [i, first] of starts.entries()) {
        for (const [j, last] of starts.entries()) {
          if (j < i) continue
          holds(last >= first, () => `${last} starts after ${first}`)
          // count < 1 + limit * (d + 1) / window, without the division
          const isFew = BigInt(j - i) * BigInt(window) < BigInt(limit) * BigInt(last - first + 1)
          holds(isFew, () => `${j - i + 1} starts in ${last - first} ms`)
        }
      }
    })
  })
})
