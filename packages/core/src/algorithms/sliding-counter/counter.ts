import { SpillwayError } from '../../errors.js'
import { type Algorithm, MAX_COUNT, MAX_SET_BACK_MS, type State } from '../algorithm.js'
import { Figures } from '../figures.js'

const START = 0
const CURRENT = 1
const PREVIOUS = 2

/**
 * Two counters on an epoch-aligned grid; the previous one fades as the current window passes. State `(start of the
 * current window, its count, the count before)`.
 */
export function counter(window: number): Algorithm {
  /** The counters as they stand at `now`: moved on by one window, or by more. A start ahead of `now` stands still. */
  function at(state: State, now: number): [start: number, current: number, previous: number] {
    const [start, current, previous] = state as [number, number, number]
    if (current + previous > 0 && now < start + window) return [start, current, previous]
    if (current > 0 && now < start + 2 * window) return [start + window, 0, current]
    return [Math.floor(now / window) * window, 0, 0]
  }

  /** The share of `count` by which its window still overlaps, rounded up: exact for a debt too, beyond 2^52. */
  function share(count: number, overlap: number): number {
    if (count * overlap <= MAX_COUNT) return Math.ceil((count * overlap) / window)
    return Number((BigInt(count) * BigInt(overlap) + BigInt(window - 1)) / BigInt(window))
  }

  const charge: Algorithm['charge'] = (state, op, now) => {
    const [start, current, previous] = at(state, now)
    state[START] = start
    state[CURRENT] = Math.min(current + op.cost, MAX_COUNT)
    state[PREVIOUS] = previous
  }

  return {
    identity: `sliding-counter:1:${window}`,
    configuration: JSON.stringify(['sliding-counter', window]),
    twin: { name: 'counter', window },
    capacity: (limit) => limit,

    check(limit) {
      if (limit * window > MAX_COUNT) {
        throw new SpillwayError(
          'LIMIT_TOO_LARGE',
          `slidingCounter cannot hold ${limit} over ${window} ms exactly: limit times window must be at most 2^52; use slidingWindow.`,
        )
      }
    },

    empty: () => [0, 0, 0],

    drained(state, now) {
      const [, current, previous] = at(state, now)
      return current + previous === 0
    },

    rebase(state, _op, now) {
      if ((state[START] as number) <= now + MAX_SET_BACK_MS) return false
      state[START] = Math.floor(now / window) * window
      return true
    },

    admits(state, op, now) {
      const [start, current, previous] = at(state, now)
      const elapsed = Math.max(0, now - start)
      const room = op.limit - current - op.cost
      return room >= 0 && previous * (window - elapsed) <= room * window
    },

    charge,
    chargeRefused: charge,

    refund(state, op, now) {
      const [start, current] = at(state, now)
      if (start !== op.mark || current === 0) return
      state[CURRENT] = current - Math.min(-op.cost, current)
    },

    reply: (state, _op, now) => at(state, now),

    read(reply, op, now) {
      const [start, current, previous] = reply as [number, number, number]
      const elapsed = Math.max(0, now - start)
      const room = op.limit - current - op.cost
      const used = current + share(previous, window - elapsed)

      let waitMs: number | null = 0
      if (!op.fits) waitMs = null
      else if (room < 0) {
        // Only the next window can help, and only once what is counted now has faded enough.
        const next = Math.max(0, window - Math.floor(((op.limit - op.cost) * window) / current))
        waitMs = start + window + next - now
      } else if (previous * (window - elapsed) > room * window) {
        waitMs = start + window - Math.floor((room * window) / previous) - now
      }

      const resetMs = current > 0 ? start + 2 * window - now : previous > 0 ? start + window - now : 0
      return new Figures(op.limit, window, used, resetMs, waitMs)
    },

    mark: (reply) => reply[START] as number,

    holds: (reply) => (reply[START] as number) + window,
  }
}
