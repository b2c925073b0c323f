import { type Mode, type Op, type Outcome, type Plan, SpillwayError } from '@spillway/core'

/** What the script is asked for one decision. */
export interface Call {
  readonly ops: readonly Op[]
  readonly mode: Mode
  readonly now: number | undefined
  readonly keys: readonly string[]
}

/** The plan as the script reads it: all that is the same for every call. */
export function planText({ policies }: Plan): string {
  return JSON.stringify(
    policies.map(({ algorithm, shadow, chargeRefused }) => ({ twin: algorithm.twin, shadow, chargeRefused })),
  )
}

/** The keys of these calls, each once, and the calls as the script reads them. */
export function callsText(calls: readonly Call[]): { keys: string[]; text: string } {
  const places = new Map<string, number>()
  const placeOf = (key: string) => {
    const place = places.get(key) ?? places.size + 1
    places.set(key, place)
    return place
  }
  const asked = calls.map(({ ops, mode, now, keys }) => ({
    mode,
    now,
    ops: ops.map(({ policy, cost, limit, fits, mark, edges }, i) => {
      return { policy: policy + 1, key: placeOf(keys[i] as string), cost, limit, fits, mark, edges }
    }),
  }))
  return { text: JSON.stringify(asked), keys: [...places.keys()] }
}

/** @throws SpillwayError `STATE_MALFORMED` */
export function outcomeOf(answer: unknown, { keys }: Call): Outcome {
  if (answer === 'MALFORMED') {
    throw new SpillwayError(
      'STATE_MALFORMED',
      `Redis holds something else than Spillway's state under one of ${keys.map((key) => JSON.stringify(key.slice(0, 200))).join(', ')}: ` +
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
