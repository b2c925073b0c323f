import type { Op } from '../algorithms/algorithm.js'
import type { Mode, Outcome, Plan, SyncApply } from '../store.js'
import { memoryStore } from '../stores/memory.js'

/** A memory store that knows what the store granted to this process, to go on from there. */
export class Local {
  readonly apply: SyncApply
  private readonly plan: Plan

  constructor(plan: Plan) {
    this.plan = plan
    this.apply = memoryStore().prepare(plan)
  }

  /** What the store granted, changed or forgot is done here too. */
  follow(ops: readonly Op[], mode: Mode, { now, passed }: Outcome): void {
    // A refusal has charged these alone.
    const done =
      passed || mode === 'release'
        ? ops
        : ops.filter(({ policy }) => this.plan.policies[policy]?.chargeRefused)
    if (mode !== 'peek' && done.length > 0) this.apply(done, mode, now)
  }
}
