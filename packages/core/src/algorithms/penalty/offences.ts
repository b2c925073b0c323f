import { type Algorithm, MAX_COUNT, MAX_SET_BACK_MS, type State } from '../algorithm.js'

export interface OffencesOptions {
  /** Length of a first penalty in ms. */
  readonly first: number
  /** How many times as long the next one is. */
  readonly factor: number
  /** The longest, and how long after a penalty's end its offence is remembered, in ms. */
  readonly max: number
}

/**
 * Another algorithm, each refusal of which is an offence: until its penalty ends all is refused. State `(...inner, end of the
 * last penalty, offences so far)`: these two stand last, so that they can be taken off while the inner one works on its own.
 */
export function offences(inner: Algorithm, { first, factor, max }: OffencesOptions): Algorithm {
  function inside<T>(state: State, work: (own: State) => T): T {
    const count = state.pop() as number
    const end = state.pop() as number
    const result = work(state)
    state.push(end, count)
    return result
  }

  const endOf = (state: readonly number[]) => state[state.length - 2] as number
  const countOf = (state: readonly number[]) => state[state.length - 1] as number
  const runs = (state: State, now: number) => now < endOf(state)
  const isForgotten = (state: State, now: number) => now >= endOf(state) + max

  /** Of the penalty for this offence, counted from 1. */
  function lengthOf(offence: number): number {
    let length = first
    for (let n = 1; n < offence && length < max; n++) length *= factor
    return Math.min(length, max)
  }

  function begin(state: State, offence: number, now: number): void {
    state[state.length - 2] = now + lengthOf(offence)
    state[state.length - 1] = offence
  }

  return {
    identity: `penalty:1:${inner.identity}`,
    configuration: JSON.stringify(['penalty', first, factor, max, inner.configuration]),
    twin: { name: 'offences', first, factor, max, inner: inner.twin },
    capacity: (limit) => inner.capacity(limit),
    check: (limit) => inner.check(limit),
    empty: () => [...inner.empty(), 0, 0],

    drained: (state, now) => isForgotten(state, now) && inside(state, (own) => inner.drained(own, now)),

    rebase(state, op, now) {
      const rebased = inside(state, (own) => inner.rebase(own, op, now))
      const count = countOf(state)
      if (endOf(state) - lengthOf(count) <= now + MAX_SET_BACK_MS) return rebased
      begin(state, count, now)
      return true
    },

    admits: (state, op, now) => !runs(state, now) && inside(state, (own) => inner.admits(own, op, now)),
    charge: (state, op, now) => inside(state, (own) => inner.charge(own, op, now)),
    chargeRefused: (state, op, now) => inside(state, (own) => inner.chargeRefused(own, op, now)),
    refund: (state, op, now) => inside(state, (own) => inner.refund(own, op, now)),

    punish(state, now) {
      if (runs(state, now)) return false
      begin(state, isForgotten(state, now) ? 1 : Math.min(countOf(state) + 1, MAX_COUNT), now)
      return true
    },

    reply: (state, op, now) => [
      ...inside(state, (own) => inner.reply(own, op, now)),
      endOf(state),
      countOf(state),
    ],

    read(reply, op, now, charged) {
      const reading = inner.read(reply, op, now, charged)
      const endsInMs = endOf(reply) - now
      if (endsInMs <= 0) return reading
      // The new property first, as in `withEdges` of the limiter.
      return {
        penalty: { endsInMs, offences: countOf(reply) },
        ...reading,
        remaining: 0,
        resetMs: Math.max(endsInMs, reading.resetMs),
        waitMs: reading.waitMs === null ? null : Math.max(endsInMs, reading.waitMs),
      }
    },

    mark: (reply) => inner.mark(reply),

    ...(inner.ends && { ends: (reply) => inner.ends?.(reply) as number }),

    // Once it has ended the next refusal is an offence, of which the store must hear.
    holds: (reply) => Math.min(endOf(reply), inner.holds(reply)),

    ...(inner.tellsOneWait && { tellsOneWait: true }),
  }
}
