import { LRUCache } from 'lru-cache'
import type { Op } from './algorithms/algorithm.js'
import type { PolicyState } from './decision.js'
import { tell } from './report.js'
import type { Answer } from './resilience/guard.js'
import type { OpResult, Plan, PlannedPolicy } from './store.js'

/** A key that has come near its limit: by this charge its policy's `warnAt` was reached. */
export interface Warning<Name extends string = string>
  extends Pick<PolicyState, 'key' | 'limit' | 'windowMs' | 'used' | 'remaining' | 'resetMs'> {
  /** The limiter's name. */
  readonly limiter: string
  readonly policy: Name
  /** The clock that decided, epoch ms. */
  readonly now: number
}

/** The most keys that are known to have been told of. */
const MAX_TOLD = 10_000

/** Whether so much is used that it is worth a warning. Both are divided, since 0.55 * 100 is more than 55. */
export function isNear(warnAt: number, used: number, limit: number): boolean {
  return limit > 0 && used / limit >= warnAt
}

/**
 * Tells of each charge that reaches a mark: of many processes the one that made it, and each of them once per key and window.
 */
export class Warnings {
  private readonly plan: Plan
  private readonly onWarn: (warning: Warning) => void
  /** By policy and key, until when. */
  private readonly told = new LRUCache<string, number>({ maxSize: MAX_TOLD, sizeCalculation: () => 1 })

  constructor(plan: Plan, onWarn: (warning: Warning) => void) {
    this.plan = plan
    this.onWarn = onWarn
  }

  /** What was asked, and the answer. A refusal tells of itself. */
  see(ops: readonly Op[], answer: Answer): void {
    if (!answer.passed || answer.source === 'fallback') return
    for (let i = 0; i < ops.length; i++) {
      const op = ops[i] as Op
      const { algorithm, warnAt, name: policy } = this.plan.policies[op.policy] as PlannedPolicy
      const { passed, reply, now = answer.now } = answer.results[i] as OpResult
      if (warnAt === undefined || !passed || op.cost <= 0) continue
      const { limit, windowMs, used, remaining, resetMs } = algorithm.read(reply, op, now, true)
      if (!isNear(warnAt, used, limit) || isNear(warnAt, used - op.cost, limit)) continue
      const end = algorithm.ends?.(reply) ?? now + windowMs
      if (this.wasTold(`${policy}:${op.key}`, { now, end, windowMs })) continue
      const state = { key: op.key, limit, windowMs, used, remaining, resetMs }
      void tell(this.onWarn, 'onWarn', { limiter: this.plan.name, policy, ...state, now })
    }
  }

  /** Within the window that it was told in, or where that slides for as long. A clock set back by more than one begins another. */
  private wasTold(id: string, { now, end, windowMs }: Record<'now' | 'end' | 'windowMs', number>): boolean {
    const until = this.told.get(id)
    if (until !== undefined && now < until && until - now < 2 * windowMs) return true
    this.told.set(id, end)
    return false
  }
}
