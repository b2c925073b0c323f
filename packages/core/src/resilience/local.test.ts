import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Op } from '../algorithms/algorithm.js'
import { penalty } from '../algorithms/penalty/penalty.js'
import { slidingWindow } from '../algorithms/sliding-window/sliding-window.js'
import { resolve } from '../call.js'
import type { Mode, Plan } from '../store.js'
import { memoryStore } from '../stores/memory.js'
import { check, PATIENCE, SEEDED, same } from '../testing/check.js'
import { everyKind, type Kind } from '../testing/kinds.js'
import { Local } from './local.js'

const often = fc.boolean()

const policy = fc
  .constantFrom(...Object.values(everyKind))
  .chain((kind: Kind) =>
    fc
      .record({ params: kind.params, options: fc.record({ chargeRefused: often, shadow: often }) })
      .map(({ params, options }) => kind.build(params, options)),
  )

const mode = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Mode>('consume') },
  { weight: 1, arbitrary: fc.constantFrom<Mode>('peek', 'adjust', 'reset') },
)

const step = fc.record({
  /** 16ths of the first policy's window. */
  after: fc.oneof(fc.constant(0), fc.nat(20)),
  mode,
  cost: fc.integer({ min: 0, max: 4 }),
})

describe('the local store', () => {
  it(`stands as the store does that it follows ${SEEDED}`, { timeout: PATIENCE }, async () => {
    const cases = fc.record({
      subjects: fc.array(policy, { minLength: 1, maxLength: 3 }),
      steps: fc.array(step, { maxLength: 60 }),
    })
    await check(cases, async ({ subjects, steps }) => {
      const policies = subjects.map(({ policy }, i) => ({ ...policy, name: `p${i}` }))
      const plan: Plan = { name: 'followed', policies }
      const store = memoryStore().prepare(plan)
      const local = new Local(plan)
      let now = Date.UTC(2030)
      for (const { after, mode, cost } of steps) {
        // A calendar ends, and a window may be longer than that.
        now = Math.min(now + Math.ceil((after * (subjects[0]?.scaleMs as number)) / 16), Date.UTC(9000))
        const ops = resolve(plan, 'k', { cost }).map((op) => {
          return { ...op, edges: plan.policies[op.policy]?.edges?.(now), mark: now }
        })
        local.follow(ops, mode, store(ops, mode, now))
        same(local.apply(ops, 'peek', now), store(ops, 'peek', now), 'how it stands')
      }
    })
  })

  it('punishes nobody whom the store has not refused, though it would', () => {
    const pace = penalty(slidingWindow({ limit: 1, window: '1h' }), { first: '1h', max: '1h' })
    const plan: Plan = { name: 'reset elsewhere', policies: [{ ...pace, name: 'pace' }] }
    const local = new Local(plan)
    const [op] = resolve(plan, 'k', {}) as [Op]
    local.apply([op], 'consume', 0)
    local.follow([op], 'consume', {
      now: 0,
      passed: false,
      results: [{ passed: true, reply: [0, 0, 0, 0, 0, 0] }],
    })
    expect(local.apply([{ ...op, cost: 0 }], 'peek', 0).results).toMatchObject([
      { reply: [1, 0, 0, 0, 0, 0] },
    ])
  })
})
