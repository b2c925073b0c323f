import { describe, expect, it } from 'vitest'
import type { Op } from './algorithms/algorithm.js'
import { concurrency } from './algorithms/concurrency/concurrency.js'
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
    const two = [{ ...ops[0], edges: undefined } as Op, ...ops]
    expect(transition(policies, two, 'adjust', [undefined, undefined], 40).passed).toBe(false)
    expect(transition(policies, two, 'consume', [undefined, undefined], 40).results).toEqual([])
  })

  it('answers what a store tells, and beside it what a store writes', () => {
    const policies = [{ ...tokenBucket({ limit: 5, window: '1m' }), name: 'policy' }]
    const op: Op = { policy: 0, key: 'k', cost: 1, limit: 5, fits: true }
    const outcome = { now: 7, passed: true, results: [{ passed: true, reply: [60_000, 7, 5] }] }
    expect(transition(policies, [op], 'peek', [undefined], 7)).toEqual({ ...outcome, writes: [] })
    expect(transition(policies, [op], 'consume', [undefined], 7)).toEqual({
      ...outcome,
      writes: [[60_000, 7, 5]],
    })
  })

  it('writes nothing where there is nothing to give back', () => {
    const policies = [{ ...tokenBucket({ limit: 5, window: '1m' }), name: 'policy' }]
    const ops: Op[] = [{ policy: 0, key: 'k', cost: -1, limit: 5, fits: true, mark: 0 }]
    expect(transition(policies, ops, 'adjust', [undefined], 0).writes).toEqual([undefined])
    expect(transition(policies, ops, 'adjust', [[60_000, 0, 5]], 0).writes).toEqual([[0, 0, 5]])
  })

  it('writes what is renewed or released, and nothing of a lease that is gone', () => {
    const policies = [
      { ...concurrency({ limit: 5, lease: '10s' }), name: 'slots' },
      { ...tokenBucket({ limit: 5, window: '1m' }), name: 'none' },
    ]
    const op = (id: number, policy = 0): Op => ({ policy, key: 'k', cost: 1, limit: 5, fits: true, id })
    const held = () => [3, 10_000, 2, 7, 10_000, 1, 8]
    const loaded = [held(), undefined, held()]
    expect(transition(policies, [op(7), op(9), op(6)], 'release', loaded, 0)).toMatchObject({
      passed: false,
      results: [
        { passed: true, reply: [1, 0, 10_000] },
        { passed: false, reply: [0, 0, 0] },
        { passed: false, reply: [3, 0, 10_000] },
      ],
      writes: [[1, 10_000, 1, 8], undefined, undefined],
    })
    const renewed = transition(policies, [op(7)], 'renew', [held()], 5)
    expect(renewed).toMatchObject({ passed: true, writes: [[3, 10_000, 1, 8, 10_005, 2, 7]] })
    expect(transition(policies, [op(7, 1)], 'renew', [undefined], 5).passed).toBe(false)
  })
})
