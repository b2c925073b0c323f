import { createLimiter, memoryStore, type Policy } from '@spillway/core'
import type { Limits } from '../../subject.js'

/** A limiter with a policy for each, on a store of its own. */
export function limiterOf(policy: (limits: Limits) => Policy, limits: readonly Limits[]) {
  const policies = limits.map((each, i) => [`policy-${i}`, policy(each)])
  const maxKeys = Math.max(...limits.map((each) => each.maxKeys))
  return createLimiter({
    name: 'bench',
    policies: Object.fromEntries(policies),
    store: memoryStore({ maxKeys }),
  })
}
