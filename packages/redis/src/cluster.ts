import type { Apply, Mode, Op, OpResult, Outcome, Plan, PlannedPolicy } from '@spillway/core'

/** The ops of one subject, whose keys lie in one slot, and their places in the decision. */
interface Group {
  readonly ops: Op[]
  readonly places: number[]
  /** A leakyBucket's charge cannot be given back. */
  shapes: boolean
}

/** What one group would answer, and how it stands as long as nothing is charged. */
interface Look {
  readonly peeked: Outcome
  readonly standing: Outcome
}

/**
 * Decides over several slots, of which a script can touch only one. All are asked at once; when one refuses, nothing was
 * charged. Else all are charged, what cannot be given back after the others. Should one refuse only then, the others are
 * given back, once: the wait is then a hint.
 */
export function acrossSlots(plan: Plan, apply: Apply): Apply {
  return (ops, mode, now) => {
    const groups = groupsOf(plan, ops)
    if (groups.length < 2) return apply(ops, mode, now)
    return mode === 'consume' || mode === 'peek' ? decide(groups, mode, now) : change(groups, mode, now)
  }

  async function change(groups: readonly Group[], mode: Mode, now: number | undefined): Promise<Outcome> {
    return join(groups, await all(groups.map(({ ops }) => apply(ops, mode, now))))
  }

  async function decide(groups: readonly Group[], mode: Mode, now: number | undefined): Promise<Outcome> {
    const looks = await all(groups.map((group) => look(group, mode, now)))
    const passed = looks.every(({ peeked }) => peeked.passed)
    if (passed && mode === 'consume') return charge(groups, now)
    if (passed || looks.some(({ peeked }) => peeked.results.length === 0)) {
      return join(
        groups,
        looks.map(({ peeked }) => peeked),
      )
    }
    const refusals = looks.map(({ standing }) => standing)
    return join(
      groups,
      await all(groups.map((group, i) => chargeRefused(group, refusals[i] as Outcome, mode, now))),
    )
  }

  /**
   * Both travel in one script call. Ops that do not fit are never charged; a consume of them still carries a state over
   * to a clock set back, as a refusal does.
   */
  async function look({ ops }: Group, mode: Mode, now: number | undefined): Promise<Look> {
    const unfit = ops.map((op) => ({ ...op, fits: false }))
    const [peeked, state] = (await all([apply(ops, 'peek', now), apply(unfit, mode, now)])) as [
      Outcome,
      Outcome,
    ]
    const results = state.results.map((result, i) => ({
      ...result,
      passed: peeked.results[i]?.passed === true,
    }))
    return { peeked, standing: { ...peeked, results } }
  }

  async function charge(groups: readonly Group[], now: number | undefined): Promise<Outcome> {
    const outcomes = new Map<Group, Outcome>()
    for (const shapes of [false, true]) {
      const turn = groups.filter((group) => group.shapes === shapes)
      const answers = await Promise.allSettled(turn.map(async ({ ops }) => apply(ops, 'consume', now)))
      for (const [i, answer] of answers.entries()) {
        if (answer.status === 'fulfilled') outcomes.set(turn[i] as Group, answer.value)
      }
      const failed = answers.find((answer) => answer.status === 'rejected')
      if (failed === undefined && [...outcomes.values()].every(({ passed }) => passed)) continue

      await Promise.all(
        [...outcomes].map(([group, { passed, results }]) => passed && giveBack(group, results, now)),
      )
      if (failed !== undefined) throw failed.reason
      const refusals = await all(groups.map((group) => lateRefusal(group, outcomes.get(group), now)))
      return { ...join(groups, refusals), compensated: true }
    }
    return join(
      groups,
      groups.map((group) => outcomes.get(group) as Outcome),
    )
  }

  /** @param outcome of a group that was charged, or refused; a charge has been given back */
  async function lateRefusal(
    group: Group,
    outcome: Outcome | undefined,
    now: number | undefined,
  ): Promise<Outcome> {
    if (outcome?.passed === false) return outcome
    const { standing } = await look(group, 'peek', now)
    return outcome === undefined ? chargeRefused(group, standing, 'consume', now) : standing
  }

  /** Sent once: whether a lost answer was heard nobody knows. */
  async function giveBack(
    group: Group,
    results: readonly OpResult[],
    now: number | undefined,
  ): Promise<void> {
    const charged = group.ops.flatMap((op, i) => {
      const { passed, reply } = results[i] as OpResult
      const { algorithm, chargeRefused } = plan.policies[op.policy] as PlannedPolicy
      const isOwed = passed && op.cost > 0 && !chargeRefused
      return isOwed ? [{ ...op, cost: -op.cost, mark: algorithm.mark(reply) }] : []
    })
    if (charged.length > 0) await Promise.resolve(apply(charged, 'adjust', now)).catch(() => {})
  }

  /** The refusal of a group, once its policies that charge for refusals have done so; in a peek as if they had. */
  async function chargeRefused(
    { ops }: Group,
    refusal: Outcome,
    mode: Mode,
    now: number | undefined,
  ): Promise<Outcome> {
    const results = ops.map(async (op, i) => {
      if (!plan.policies[op.policy]?.chargeRefused) return refusal.results[i] as OpResult
      const { results } = await apply([op], mode, now)
      return results[0] ?? (refusal.results[i] as OpResult)
    })
    return { ...refusal, results: await all(results) }
  }
}

function groupsOf(plan: Plan, ops: readonly Op[]): Group[] {
  const groups = new Map<string, Group>()
  for (const [place, op] of ops.entries()) {
    const group = groups.get(op.key) ?? { ops: [], places: [], shapes: false }
    groups.set(op.key, group)
    group.ops.push(op)
    group.places.push(place)
    group.shapes ||= plan.policies[op.policy]?.algorithm.twin['shapes'] === true
  }
  return [...groups.values()]
}

/** One outcome of several, each of which has its own server's clock. */
function join(groups: readonly Group[], outcomes: readonly Outcome[]): Outcome {
  const results: OpResult[] = []
  for (const [i, { places }] of groups.entries()) {
    const { now, results: own } = outcomes[i] as Outcome
    for (const [j, place] of places.entries()) {
      if (own[j] !== undefined) results[place] = { ...own[j], now }
    }
  }
  const complete = outcomes.every((outcome) => outcome.results.length > 0)
  return {
    now: Math.max(...outcomes.map(({ now }) => now)),
    passed: complete && outcomes.every(({ passed }) => passed),
    results: complete ? results : [],
    atomic: false,
  }
}

/** Waits for all, also when one fails: nothing is left running behind the answer. */
async function all<T>(promises: readonly (T | Promise<T>)[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises)
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
}
