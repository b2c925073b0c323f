import {
  type Apply,
  type Plan,
  type PlannedPolicy,
  SETTLED_MS,
  type State,
  type Store,
  transition,
} from '@spillway/core'
import { storeContract } from '../index.js'

/** A store as somebody else would write it: a `Map` that only answers later, and one decision after the other. */
function mapStore(): Store {
  const kept = new Map<string, string>()
  /** Until when an adjustment is known again. */
  const made = new Map<number, number>()
  let last: Promise<unknown> = Promise.resolve()

  const load = async (id: string) => {
    const text = await Promise.resolve(kept.get(id))
    return text === undefined ? undefined : (JSON.parse(text) as State)
  }
  const idOf = ({ name }: Plan, policy: PlannedPolicy, key: string) =>
    JSON.stringify([name, policy.name, policy.algorithm.identity, key])

  return {
    sync: false,
    prepare(plan): Apply {
      return (ops, mode, now = Date.now()) => {
        const outcome = last.then(async () => {
          const ids = ops.map((op) => idOf(plan, plan.policies[op.policy] as PlannedPolicy, op.key))
          const loaded = await Promise.all(ids.map(load))
          const once = mode === 'adjust' ? ops[0]?.id : undefined
          const isMade = once !== undefined && (made.get(once) ?? 0) > now
          const asked = isMade ? ops.map((op) => ({ ...op, cost: 0 })) : ops
          const { writes, ...outcome } = transition(plan.policies, asked, mode, loaded, now)
          for (const [i, state] of writes.entries()) {
            if (state === null) kept.delete(ids[i] as string)
            else if (state !== undefined) kept.set(ids[i] as string, JSON.stringify(state))
          }
          if (once !== undefined && !isMade && outcome.results.length > 0) made.set(once, now + SETTLED_MS)
          return outcome
        })
        last = outcome.catch(() => {})
        return outcome
      }
    },
  }
}

storeContract({ store: 'a Map behind promises', create: mapStore })
