import { describe, expect, it } from 'vitest'
import type { Op } from './algorithms/algorithm.js'
import { quota } from './algorithms/quota/quota.js'
import { tokenBucket } from './algorithms/token-bucket/token-bucket.js'
import { transition } from './transition.js'

describe('a transition', () => {
  it('decides nothing at a time outside the calendar edges that it was given', () => {
    const policies = [{ ...quota({ limit: 1, period: 'day' }), name: 'policy' }]
    const ops: Op[] = [{ policy: 0, key: 'k', cost: 1, limit: 1, fits: true, edges: [10, 20, 30, 40] }]
    for (const now of [9, 40]) {
      const nothing = { now, passed: false, results: [], writes: [] }
      expect(transition(policies, ops, 'consume', [undefined], now)).toEqual(nothing)
    }
    for (const now of [10, 39]) {
      expect(transition(policies, ops, 'consume', [undefined], now).passed).toBe(true)
    }
  })

  it('writes nothing where there is nothing to give back', () => {
    const policies = [{ ...tokenBucket({ limit: 5, window: '1m' }), name: 'policy' }]
    const ops: Op[] = [{ policy: 0, key: 'k', cost: -1, limit: 5, fits: true, mark: 0 }]
    expect(transition(policies, ops, 'adjust', [undefined], 0).writes).toEqual([undefined])
    expect(transition(policies, ops, 'adjust', [[60_000, 0, 5]], 0).writes).toEqual([[0, 0, 5]])
  })
})
