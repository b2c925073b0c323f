import { type Mode, memoryStore, type Op, type Outcome, type Policy, type Store } from '@spillway/core'
import { expect } from 'vitest'
import { NOW } from './bench.js'
import type { StoreHarness } from './harness.js'

/** The store itself, asked about one key under one policy. */
interface Asking {
  /** One op under the policy, at NOW or so much later. Answers the mark of what it charged. */
  ask(cost: number, mode: Mode, own?: Partial<Op>, later?: number): Promise<number>
  /** Units charged at NOW. */
  used(): Promise<number>
}

type Told = Pick<Outcome, 'now' | 'passed' | 'results'>

/** Asks the store itself, and core's `memoryStore` the same: every reply must be of the same integers. */
export async function askedAlike(
  harness: StoreHarness,
  policy: Policy,
  script: (asking: Asking) => Promise<void>,
): Promise<void> {
  const outcomes = await asked(await harness.create(), policy, script)
  expect(outcomes).toEqual(await asked(memoryStore(), policy, script))
}

async function asked(
  store: Store,
  policy: Policy,
  script: (asking: Asking) => Promise<void>,
): Promise<Told[]> {
  const apply = store.prepare({ name: 'contract', policies: [{ ...policy, name: 'policy' }] })
  const outcomes: Told[] = []
  const { algorithm } = policy

  async function ask(cost: number, mode: Mode, own: Partial<Op> = {}, later = 0) {
    const now = NOW + later
    const limit = policy.limit as number
    const op = { policy: 0, key: 'k', cost, limit, fits: true, edges: policy.edges?.(now), ...own }
    const outcome = await apply([op], mode, now)
    const results = outcome.results.map(({ passed, reply }) => ({ passed, reply: [...reply] }))
    outcomes.push({ now: outcome.now, passed: outcome.passed, results })
    return results[0] === undefined ? 0 : algorithm.mark(results[0].reply)
  }

  async function used() {
    const limit = policy.limit as number
    const op = { policy: 0, key: 'k', cost: 0, limit, fits: true, edges: policy.edges?.(NOW) }
    const { results } = await apply([op], 'peek', NOW)
    return algorithm.read(results[0]?.reply ?? [], op, NOW, false).used
  }

  await script({ ask, used })
  return outcomes
}
