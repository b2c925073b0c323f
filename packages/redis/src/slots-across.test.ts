import {
  type Apply,
  concurrency,
  type Mode,
  memoryStore,
  type Op,
  type Plan,
  slidingWindow,
} from '@spillway/core'
import { expect, it } from 'vitest'
import { acrossSlots } from './cluster.js'

const plan: Plan = {
  name: 'held',
  policies: [
    { ...concurrency({ limit: 3, lease: '1m' }), name: 'jobs' },
    { ...slidingWindow({ limit: 9, window: '1m' }), name: 'user' },
    { ...slidingWindow({ limit: 2, window: '1m' }), name: 'team' },
  ],
}

it('a slot that was taken is released where another server refuses only then, and nothing else with it', async () => {
  const memory = memoryStore().prepare(plan)
  const op = (policy: number, key: string, cost: number, id?: number): Op => {
    const limit = plan.policies[policy]?.limit as number
    return { policy, key, cost, limit, fits: true, mark: 0, ...(id !== undefined && { id }) }
  }
  const used = () =>
    [op(0, 'user', 0), op(1, 'user', 0), op(2, 'team', 0)].map(
      (one) => memory([one], 'peek', 0).results[0]?.reply[0],
    )
  memory([op(0, 'user', 1, 7), op(1, 'user', 4)], 'consume', 0)

  const told: Mode[] = []
  const apply: Apply = async (ops, mode) => {
    if (ops.every(({ fits }) => fits)) told.push(mode)
    if (mode === 'consume' && ops[0]?.policy === 2) memory([op(2, 'team', 2)], 'consume', 0)
    return memory(ops, mode, 0)
  }
  const ops = [op(0, 'user', 2, 8), op(1, 'user', 3), op(2, 'team', 1)]
  const outcome = await acrossSlots(plan, apply)(ops, 'consume')
  expect(outcome).toMatchObject({ passed: false, compensated: true })
  expect(used()).toEqual([1, 4, 2])
  expect(told.filter((mode) => mode === 'adjust' || mode === 'release').sort()).toEqual(['adjust', 'release'])
  // The other one's is still there.
  expect((await memory([op(0, 'user', 1, 7)], 'release', 0)).passed).toBe(true)
})
