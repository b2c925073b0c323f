import type { Op } from './algorithms/algorithm.js'
import { type PerPolicy, resolveActual } from './call.js'
import type { Decision, Unnamed } from './decision.js'
import type { Mode, Outcome, Plan } from './store.js'

/** A charge that waits to be settled. One never settled keeps its estimate charged. */
export interface Reservation<Name extends string = string, Optional extends Name = Unnamed<Name>> {
  readonly decision: Decision<Name, Optional>
  /**
   * Moves the charge to what the work really cost: units for every policy, or for some by name (the others keep their
   * estimate). Less is given back where it still counts; more is charged even beyond the limit.
   * Answers whether the store was told: false after a refusal, and the second time. Rejects on a bad cost only.
   */
  settle(actual: PerPolicy<Name>): Promise<boolean>
  /** Gives the whole charge back. Answers as {@link settle} does. */
  cancel(): Promise<boolean>
}

/** @param charged the ops that were charged, with their marks */
export function reservation(
  plan: Plan,
  decision: Decision,
  charged: readonly Op[],
  run: (ops: readonly Op[], mode: Mode) => Outcome | Promise<Outcome>,
): Reservation {
  let open = decision.allowed

  async function settle(actual: PerPolicy<string>): Promise<boolean> {
    const changes = resolveActual(plan, charged, actual)
    if (!open) return false
    open = false
    try {
      if (changes.length > 0) await run(changes, 'adjust')
      return true
    } catch {
      return false
    }
  }

  return { decision, settle, cancel: () => settle(0) }
}
