import { type Algorithm, MAX_COUNT, MAX_SET_BACK_MS, type State } from '../algorithm.js'

const SUM = 0
const LAST_TIME = 1
const LAST_UNITS = 2
/** Older entries follow, oldest first: time, units, time, units, ... */
const FIRST = 3

export interface LogOptions {
  readonly kind: string
  readonly window: number
  /** Entries kept one by one before charges of the same segment are put together. */
  readonly entries: number
  /** Length of a segment in ms. */
  readonly segment: number
  readonly check: (limit: number) => void
}

/**
 * A list of charges, each counting for one window after it was made. State `(sum, last time, last units, ...older)`,
 * so that a decision touches the newest entry and the expired ones, never the whole list.
 */
export function log({ kind, window, entries, segment, check }: LogOptions): Algorithm {
  const allExpired = (state: State, now: number) =>
    state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) + window <= now

  const isSameSegment = (a: number, b: number) => Math.floor(a / segment) === Math.floor(b / segment)

  /** Index of the first older entry that still counts. */
  function firstLive(state: State, now: number): number {
    let i = FIRST
    while (i < state.length && (state[i] as number) + window <= now) i += 2
    return i
  }

  /** Units that count now. */
  function live(state: State, now: number): number {
    if (allExpired(state, now)) return 0
    let sum = state[SUM] as number
    for (let i = firstLive(state, now) - 2; i >= FIRST; i -= 2) sum -= state[i + 1] as number
    return sum
  }

  function prune(state: State, now: number): void {
    const sum = live(state, now)
    if (sum === state[SUM]) return
    if (sum === 0) {
      state.length = FIRST
      state[LAST_UNITS] = 0
    } else state.splice(FIRST, firstLive(state, now) - FIRST)
    state[SUM] = sum
  }

  function append(state: State, time: number, units: number): void {
    const lastTime = state[LAST_TIME] as number
    const full = 1 + (state.length - FIRST) / 2 >= entries
    const joins = time === lastTime || (full && isSameSegment(time, lastTime))
    if (state[LAST_UNITS] === 0) state[LAST_UNITS] = units
    else if (joins) state[LAST_UNITS] = (state[LAST_UNITS] as number) + units
    else {
      state.push(lastTime, state[LAST_UNITS] as number)
      state[LAST_UNITS] = units
    }
    state[LAST_TIME] = time
    state[SUM] = (state[SUM] as number) + units
  }

  const charge: Algorithm['charge'] = (state, op, now) => {
    prune(state, now)
    const units = Math.min(op.cost, MAX_COUNT - (state[SUM] as number))
    if (units === 0) return
    append(state, state[LAST_UNITS] === 0 ? now : Math.max(now, state[LAST_TIME] as number), units)
  }

  return {
    identity: `${kind}:1:${window}:${entries}`,
    configuration: JSON.stringify([kind, window, entries]),
    twin: { name: 'log', window, entries, segment },
    capacity: (limit) => limit,
    check,
    empty: () => [0, 0, 0],

    drained: allExpired,

    rebase(state, _op, now) {
      if (state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) <= now + MAX_SET_BACK_MS) return false
      const sum = live(state, now)
      state.length = FIRST
      state[SUM] = sum
      state[LAST_TIME] = now
      state[LAST_UNITS] = sum
      return true
    },

    admits: (state, op, now) => live(state, now) + op.cost <= op.limit,

    charge,
    chargeRefused: charge,

    refund(state, op, now) {
      // With a clock set back, what a later charge has already dropped is not given back from that later charge.
      const mark = op.mark as number
      if (mark + window <= Math.max(now, state[LAST_TIME] as number) || allExpired(state, now)) return
      // What is given back is seldom old: from the newest to the first that is not before the mark.
      let [time, units, i] = [LAST_TIME, LAST_UNITS, state.length]
      for (; i > FIRST && (state[i - 2] as number) >= mark; i -= 2) [time, units] = [i - 2, i - 1]
      if ((state[time] as number) < mark || !isSameSegment(state[time] as number, mark)) return
      const refunded = Math.min(-op.cost, state[units] as number)
      state[units] = (state[units] as number) - refunded
      state[SUM] = (state[SUM] as number) - refunded
      if (state[units] !== 0) return
      if (units !== LAST_UNITS) state.splice(i, 2)
      else if (state.length > FIRST) {
        state[LAST_UNITS] = state.pop() as number
        state[LAST_TIME] = state.pop() as number
      }
    },

    reply(state, op, now) {
      const sum = live(state, now)
      if (sum === 0) return [0, 0, 0, 0]
      // The oldest entry whose expiry frees enough for this cost.
      let missing = sum + op.cost - op.limit
      let i = firstLive(state, now)
      const oldest = (i < state.length ? state[i] : state[LAST_TIME]) as number
      while (i < state.length && missing > (state[i + 1] as number)) {
        missing -= state[i + 1] as number
        i += 2
      }
      const freedBy = missing <= 0 ? 0 : ((i < state.length ? state[i] : state[LAST_TIME]) as number)
      return [sum, state[LAST_TIME] as number, freedBy, oldest]
    },

    read(reply, op, now) {
      const [used, lastTime, freedBy] = reply as [number, number, number, number]
      return {
        limit: op.limit,
        windowMs: window,
        used,
        remaining: Math.max(0, op.limit - used),
        resetMs: used === 0 ? 0 : lastTime + window - now,
        // Of another op's reply the wait is unknown, though there is one.
        waitMs: !op.fits ? null : used + op.cost <= op.limit ? 0 : Math.max(1, freedBy + window - now),
        delayMs: 0,
      }
    },

    mark: (reply) => reply[LAST_TIME] as number,

    holds: (reply) => (reply[0] === 0 ? Number.POSITIVE_INFINITY : (reply[3] as number) + window),

    tellsOneWait: true,
  }
}
