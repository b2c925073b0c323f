import { type Algorithm, MAX_SET_BACK_MS, type State } from '../algorithm.js'
import { Figures } from '../figures.js'

const HELD = 0
/** Leases follow, the first to end first: end, units, id, end, units, id, ... */
const FIRST = 1
const SIZE = 3

/**
 * A set of leases, each of which ends by itself. State `(units of all, ...leases)`, those that have ended too, until the
 * next one is taken.
 * @param lease how long one holds, ms
 */
export function leases(lease: number, check: (limit: number) => void): Algorithm {
  /** Place of the first lease that ends after this moment. */
  function firstAfter(state: State, time: number): number {
    let i = FIRST
    while (i < state.length && (state[i] as number) <= time) i += SIZE
    return i
  }

  /** Units that are held now. */
  function live(state: State, now: number): number {
    let held = state[HELD] as number
    for (let i = firstAfter(state, now) - SIZE; i >= FIRST; i -= SIZE) held -= state[i + 1] as number
    return held
  }

  function prune(state: State, now: number): void {
    state[HELD] = live(state, now)
    state.splice(FIRST, firstAfter(state, now) - FIRST)
  }

  /** When the last lease ends; nothing is held at 0. */
  const lastEnd = (state: State) => (state.length === FIRST ? 0 : (state[state.length - SIZE] as number))

  /** Place of the lease with this id, or -1. */
  function placeOf(state: State, id: number): number {
    let i = FIRST
    while (i < state.length && state[i + 2] !== id) i += SIZE
    return i < state.length ? i : -1
  }

  /** Behind those that end no later. */
  function insert(state: State, end: number, units: number, id: number): void {
    let i = state.length
    while (i > FIRST && (state[i - SIZE] as number) > end) i -= SIZE
    state.splice(i, 0, end, units, id)
    state[HELD] = (state[HELD] as number) + units
  }

  /** @returns the units of the lease that was there */
  function remove(state: State, place: number): number {
    const units = state[place + 1] as number
    state.splice(place, SIZE)
    state[HELD] = (state[HELD] as number) - units
    return units
  }

  const charge: Algorithm['charge'] = (state, op, now) => {
    prune(state, now)
    insert(state, now + lease, op.cost, op.id as number)
  }

  return {
    identity: 'concurrency:1',
    configuration: JSON.stringify(['concurrency', lease]),
    twin: { name: 'leases', lease },
    capacity: (limit) => limit,
    check,
    empty: () => [0],

    drained: (state, now) => lastEnd(state) <= now,

    rebase(state, _op, now) {
      const [end, latest] = [now + lease, now + lease + MAX_SET_BACK_MS]
      if (lastEnd(state) <= latest) return false
      const beyond = state.splice(firstAfter(state, latest))
      for (let i = 0; i < beyond.length; i += SIZE) beyond[i] = end
      state.splice(firstAfter(state, end), 0, ...beyond)
      return true
    },

    admits: (state, op, now) => live(state, now) + op.cost <= op.limit,

    charge,
    chargeRefused: charge,
    // A slot is released by its lease, never by units.
    refund() {},

    reply(state, op, now) {
      const held = live(state, now)
      // The lease by whose end enough is free for this cost.
      let missing = held + op.cost - op.limit
      let i = firstAfter(state, now)
      while (i + SIZE < state.length && missing > (state[i + 1] as number)) {
        missing -= state[i + 1] as number
        i += SIZE
      }
      const freedBy = missing <= 0 || i >= state.length ? 0 : (state[i] as number)
      return [held, freedBy, held === 0 ? 0 : lastEnd(state)]
    },

    lease: {
      ms: lease,

      renew(state, op, now) {
        const place = placeOf(state, op.id as number)
        if (place < 0 || (state[place] as number) <= now) return false
        insert(state, now + lease, remove(state, place), op.id as number)
        return true
      },

      release(state, op) {
        const place = placeOf(state, op.id as number)
        if (place < 0) return false
        remove(state, place)
        return true
      },

      full([, , lastEnd = 0], op, now) {
        const end = Math.max(lastEnd, now + 1)
        return [op.limit, end, end]
      },
    },

    read(reply, op, now) {
      const [used, freedBy, lastEnd] = reply as [number, number, number]
      const waitMs = !op.fits ? null : used + op.cost <= op.limit ? 0 : freedBy - now
      return new Figures(op.limit, lease, used, used === 0 ? 0 : lastEnd - now, waitMs)
    },

    mark: () => 0,

    // Another holder may release its slot at any moment.
    holds: () => Number.NEGATIVE_INFINITY,
  }
}
