import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../limiter.js'
import { quotaKind } from '../../testing/kinds.js'
import { testProperties } from '../../testing/properties.js'
import { testVectors } from '../../testing/vectors.js'
import { quota } from './quota.js'
import { quotaVectors } from './quota.vectors.js'

describe('quota', () => {
  testVectors(quotaVectors)
  testProperties(quotaKind)

  it('allows overage when another policy refuses', () => {
    const day = { limit: 2, period: 'day' } as const
    const policies = { soft: quota({ ...day, overage: 'allow' }), hard: quota(day) }
    const limiter = createLimiter({ policies, clock: () => Date.UTC(2024, 4, 1) })
    limiter.consumeSync('k', { cost: { soft: 3, hard: 2 } })
    const { policy, policies: own } = limiter.consumeSync('k')
    expect(policy).toBe('hard')
    expect(own.soft).toMatchObject({ allowed: true, used: 3, remaining: 0, retryAfterMs: 0 })
  })
})
