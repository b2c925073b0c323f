import type { Apply, Mode, Op, OpResult, Outcome, Plan, PlannedPolicy } from '@spillway/core'

/** The ops of one subject, whose keys lie in one slot, and their places in the decision. */
interface Group {
  readonly ops: Op[]
  readonly places: number[]
  /** A leakyBucket's charge cannot be given back. */
  shapes: boolean
}

/** Asks one server, by the clock of this decision. */
type Ask = (ops: readonly Op[], mode: Mode) => Promise<Outcome>

/** What one group would answer, and how it stands as long as nothing is charged. */
interface Look {
  readonly peeked: Outcome
  readonly standing: Outcome
}

/**
 * Decides over several slots, of which a script can touch only one. All are asked at once; when one refuses, nothing was
 * charged. Else all are charged, what cannot be given back after the others. Should one refuse only then, the others are
 * given back, once: the wait is then a hint. An attempt that is over charges nothing more: its decision has been made.
 */
export function acrossSlots(plan: Plan, apply: Apply): Apply {
  return (ops, mode, now, attempt) => {
    const groups = groupsOf(plan, ops)
    if (groups.length < 2) return apply(ops, mode, now)
    const ask: Ask = async (some, how) => {
      if (how === 'consume' && attempt?.over) throw new Error('something else has decided meanwhile')
      return apply(some, how, now)
    }
    return mode === 'consume' || mode === 'peek' ? decide(groups, mode, ask) : change(groups, mode, ask)
  }

  async function change(groups: readonly Group[], mode: Mode, ask: Ask): Promise<Outcome> {
    return join(groups, await all(groups.map(({ ops }) => ask(ops, mode))))
  }

  async function decide(groups: readonly Group[], mode: Mode, ask: Ask): Promise<Outcome> {
    const looks = await all(groups.map((group) => look(group, mode, ask)))
    const passed = looks.every(({ peeked }) => peeked.passed)
    if (passed && mode === 'consume') return charge(groups, ask)
    if (passed || looks.some(({ peeked }) => peeked.results.length === 0)) {
      return join(
        groups,
        looks.map(({ peeked }) => peeked),
      )
    }
    const refusals = groups.map((group, i) => chargeRefused(group, (looks[i] as Look).standing, mode, ask))
    return join(groups, await all(refusals))
  }

  /**
   * Both travel in one script call. Ops that do not fit are never charged; a consume of them still carries a state over
   * to a clock set back, as a refusal does.
   */
  async function look({ ops }: Group, mode: Mode, ask: Ask): Promise<Look> {
    const unfit = ops.map((op) => ({ ...op, fits: false }))
    const [peeked, state] = (await all([ask(ops, 'peek'), ask(unfit, mode)])) as [Outcome, Outcome]
    const results = state.results.map((result, i) => ({
      ...result,
      passed: peeked.results[i]?.passed === true,
    }))
    return { peeked, standing: { ...peeked, results } }
  }

  /** All of a turn at once: one round trip, however many. What one refuses the others give back, in any order. */
  async function charge(groups: readonly Group[], ask: Ask): Promise<Outcome> {
    const outcomes = new Map<Group, Outcome>()
    for (const shapes of [false, true]) {
      const turn = groups.filter((group) => group.shapes === shapes)
      const answers = await Promise.allSettled(turn.map(({ ops }) => ask(ops, 'consume')))
      for (const [i, answer] of answers.entries()) {
        if (answer.status === 'fulfilled') outcomes.set(turn[i] as Group, answer.value)
      }
      const failed = answers.find((answer) => answer.status === 'rejected')
      if (failed === undefined && [...outcomes.values()].every(({ passed }) => passed)) continue

      const charged = [...outcomes].filter(([, { passed }]) => passed)
      await Promise.all(charged.map(([group, { results }]) => giveBack(group, results, ask)))
      if (failed !== undefined) throw failed.reason
      const refusals = await all(groups.map((group) => lateRefusal(group, outcomes.get(group), ask)))
      return { ...join(groups, refusals), compensated: true }
    }
    return join(
      groups,
      groups.map((group) => outcomes.get(group) as Outcome),
    )
  }

  /** @param outcome of a group that was charged, or refused; a charge has been given back */
  async function lateRefusal(group: Group, outcome: Outcome | undefined, ask: Ask): Promise<Outcome> {
    if (outcome?.passed === false) return outcome
    const { standing } = await look(group, 'peek', ask)
    return outcome === undefined ? chargeRefused(group, standing, 'consume', ask) : standing
  }

  /** Sent once: whether a lost answer was heard nobody knows. */
  async function giveBack(group: Group, results: readonly OpResult[], ask: Ask): Promise<void> {
    const owed = group.ops.flatMap((op, i) => {
      const { passed, reply } = results[i] as OpResult
      const { algorithm, chargeRefused } = plan.policies[op.policy] as PlannedPolicy
      const isOwed = passed && op.cost > 0 && !chargeRefused
      return isOwed ? [{ ...op, mark: algorithm.mark(reply) }] : []
    })
    const isSlot = ({ policy }: Op) => plan.policies[policy]?.algorithm.lease !== undefined
    const slots = owed.filter(isSlot)
    const charges = owed.filter((op) => !isSlot(op)).map((op) => ({ ...op, cost: -op.cost }))
    await Promise.allSettled([
      charges.length > 0 && ask(charges, 'adjust'),
      slots.length > 0 && ask(slots, 'release'),
    ])
  }

  /**
   * The refusal of a group, once its policies that charge for refusals have done so, and those that punish theirs; in a peek as
   * if they had.
   */
  async function chargeRefused(group: Group, refusal: Outcome, mode: Mode, ask: Ask): Promise<Outcome> {
    const results = group.ops.map(async (op, i) => {
      const standing = refusal.results[i] as OpResult
      const { algorithm, chargeRefused } = plan.policies[op.policy] as PlannedPolicy
      if (!chargeRefused && (algorithm.punish === undefined || standing.passed)) return standing
      const { results } = await ask([op], mode)
      const [own = standing] = results
      if (chargeRefused || !own.passed) return own
      // It would be admitted by now, and is no offence.
      if (mode === 'consume') await giveBack({ ...group, ops: [op] }, results, ask)
      return standing
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
    passed: outcomes.every(({ passed }) => passed),
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
