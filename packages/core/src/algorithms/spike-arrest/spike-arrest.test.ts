import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../limiter.js'
import { memoryStore } from '../../stores/memory.js'
import { check, holds, PATIENCE, SEEDED } from '../../testing/check.js'
import { spikeArrestKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { tokenBucket } from '../token-bucket/token-bucket.js'
import { spikeArrest } from './spike-arrest.js'
import { spikeArrestVectors } from './spike-arrest.vectors.js'

describe('spikeArrest', () => {
  testVectors(spikeArrestVectors)
  testProperties(spikeArrestKind)

  it(`keeps calls floor(window / calls) ms apart, and reaches its whole rate ${SEEDED}`, {
    timeout: PATIENCE,
  }, async () => {
    await check(fc.record({ params: spikeArrestKind.params, begin: fc.nat(100_000) }), async (drawn) => {
      const { rate } = drawn.params
      const [calls, period] = [Number(rate.slice(0, -2)), rate.endsWith('ps') ? 1000 : 60_000]
      let now = drawn.begin
      const limiter = createLimiter({
        name: 'n',
        policies: { policy: spikeArrest(rate) },
        store: memoryStore({ maxKeys: 1 }),
        clock: () => now,
      })
      let last = Number.NEGATIVE_INFINITY
      for (let i = 0; i < 200; i++) {
        const decision = limiter.consumeSync('k')
        if (!decision.allowed) {
          now += decision.retryAfterMs as number
          holds(limiter.consumeSync('k').allowed, 'refused after its wait')
        }
        holds(now - last >= Math.floor(period / calls), () => `only ${now - last} ms apart`)
        last = now
      }
      // The 200th call of the even pace comes at 199 * period / calls, rounded up.
      expect(now - drawn.begin).toBeLessThanOrEqual(Math.ceil((199 * period) / calls))
    })
  })

  it('reports the spacing it wanted and saw, when it refuses', () => {
    let now = 1000
    const limiter = createLimiter({ policies: { spike: spikeArrest('3ps') }, clock: () => now })
    expect(limiter.consumeSync('k').policies.spike.spacing).toBeUndefined()
    now += 100
    expect(limiter.consumeSync('k').policies.spike.spacing).toEqual({ wantedMs: 334, seenMs: 100 })
    now += 233
    expect(limiter.consumeSync('k').policies.spike.spacing).toBeUndefined()
  })

  it('saw no spacing before the first call, and none below 0 when the clock is set back', () => {
    let now = 1000
    const limiter = createLimiter({ policies: { spike: spikeArrest('3ps') }, clock: () => now })
    const refused = limiter.consumeSync('k', { cost: 2 })
    expect(refused).toMatchObject({ allowed: false, code: 'COST_EXCEEDS_LIMIT' })
    expect(refused.policies.spike.spacing).toBeUndefined()
    limiter.consumeSync('k')
    now -= 10
    expect(limiter.consumeSync('k').policies.spike.spacing).toEqual({ wantedMs: 334, seenMs: 0 })
  })
  it('reports the spacing of what it would refuse in the shadow', () => {
    const policies = { spike: spikeArrest('3ps', { shadow: true }) }
    const limiter = createLimiter({ policies, clock: () => 1000 })
    limiter.consumeSync('k')
    const { allowed, policies: own } = limiter.consumeSync('k')
    expect(allowed).toBe(true)
    expect(own.spike).toMatchObject({ allowed: false, spacing: { wantedMs: 334, seenMs: 0 } })
  })

  it('reports no spacing where it would have admitted, and no other bucket reports one', () => {
    let now = 1000
    const policies = {
      spike: spikeArrest('3ps'),
      bucket: tokenBucket({ limit: 1, window: '1h' }),
    }
    const limiter = createLimiter({ policies, clock: () => now })
    limiter.consumeSync('k')
    now += 1000
    const { spike, bucket } = limiter.consumeSync('k').policies
    expect(spike).toMatchObject({ allowed: true })
    expect(bucket).toMatchObject({ allowed: false })
    expect([spike.spacing, bucket.spacing]).toEqual([undefined, undefined])
  })
})
