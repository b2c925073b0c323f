import type { Op } from '../algorithms/algorithm.js'
import type { Mode, Outcome, Plan, PlannedPolicy, SyncApply } from '../store.js'
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
  follow(ops: readonly Op[], mode: Mode, outcome: Outcome): void {
    if (mode === 'peek') return
    const isDone = outcome.passed || mode === 'release'
    const done = isDone ? ops : ops.filter((op, i) => this.isMarked(op, i, outcome))
    if (done.length > 0) this.apply(done, mode, outcome.now)
  }

  /** Whether a refusal has left something behind: a charge; or a penalty, if it would be refused here too. */
  private isMarked(op: Op, place: number, { now, results }: Outcome): boolean {
    const { algorithm, chargeRefused } = this.plan.policies[op.policy] as PlannedPolicy
    if (algorithm.punish === undefined || results[place]?.passed) return chargeRefused
    return !this.apply([op], 'peek', now).results[0]?.passed
  }
}
