import { type Mode, type Op, type Outcome, type Plan, SpillwayError } from '@spillway/core'

/** What the script is asked for one decision. */
export interface Call {
  readonly plan: PlanText
  readonly ops: readonly Op[]
  readonly mode: Mode
  readonly now: number | undefined
  /** One for each op. */
  readonly keys: readonly string[]
  /** Of an adjustment that is to be made once: the key by which it is known again. */
  readonly once?: string | undefined
}

/** A plan as the script reads it: all that is the same for every call of one limiter. */
export interface PlanText {
  readonly text: string
  readonly policies: number
}

export function planText({ policies }: Plan): PlanText {
  const texts = policies.map(({ algorithm, shadow, chargeRefused }) =>
    JSON.stringify({ twin: algorithm.twin, shadow, chargeRefused }),
  )
  return { text: texts.join(','), policies: policies.length }
}

/** The keys of these calls, and the plans, each once; and the calls, which name both by their places. */
export function request(calls: readonly Call[]): { keys: string[]; args: [plans: string, calls: string] } {
  const keyPlaces = new Map<string, number>()
  const placeOf = (key: string) => {
    const place = keyPlaces.get(key) ?? keyPlaces.size + 1
    keyPlaces.set(key, place)
    return place
  }
  let policies = 0
  const planPlaces = new Map<string, number>()
  const firstOf = (plan: PlanText) => {
    const known = planPlaces.get(plan.text)
    if (known !== undefined) return known
    const first = policies + 1
    planPlaces.set(plan.text, first)
    policies += plan.policies
    return first
  }
  const asked = calls.map(({ plan, ops, mode, now, keys, once }) => {
    const first = firstOf(plan)
    return {
      mode,
      now,
      ops: ops.map(({ policy, cost, limit, fits, mark, edges, id }, i) => {
        return { policy: first + policy, key: placeOf(keys[i] as string), cost, limit, fits, mark, edges, id }
      }),
      once: once === undefined ? undefined : placeOf(once),
    }
  })
  return {
    keys: [...keyPlaces.keys()],
    args: [`[${[...planPlaces.keys()].join(',')}]`, JSON.stringify(asked)],
  }
}

/** @throws SpillwayError `STATE_MALFORMED` */
export function outcomeOf(answer: unknown, { keys, once }: Call): Outcome {
  if (answer === 'MALFORMED') {
    const asked = once === undefined ? keys : [...keys, once]
    throw new SpillwayError(
      'STATE_MALFORMED',
      `Redis holds something else than Spillway's state under one of ${asked.map((key) => JSON.stringify(key.slice(0, 200))).join(', ')}: ` +
        'delete it, or give the store a `prefix` of its own.',
    )
  }
  if (!Array.isArray(answer)) throw new Error(`the client answered ${JSON.stringify(answer)}, not a list`)
  const [now, passed, ...results] = answer as [unknown, unknown, ...unknown[][]]
  return {
    now: Number(now),
    passed: Number(passed) === 1,
    results: results.map(([passed, ...reply]) => ({
      passed: Number(passed) === 1,
      reply: reply.map(Number),
    })),
  }
}
