import { type Algorithm, MAX_COUNT, MAX_SET_BACK_MS, type Op, type State } from '../algorithm.js'
import { Figures } from '../figures.js'

const START = 0
const END = 1
const COUNT = 2

export interface WindowOptions {
  readonly kind: string
  /** What besides the kind gives the state its meaning. */
  readonly meaning: readonly unknown[]
  readonly configuration: readonly unknown[]
  /** Length of a window in ms; absent where each op brings calendar edges. */
  readonly length?: number
  /** Whether a window starts at the charge that opens it, and not on multiples of its length since 1970. */
  readonly floats?: boolean
  /** Whether it only counts and reports, and never refuses. */
  readonly soft?: boolean
}

/** One counter that starts over at each edge. State `(start, end, count)`. */
export function fixed(options: WindowOptions): Algorithm {
  const { kind, meaning, configuration, length = 0, floats = false, soft = false } = options

  /** The window that holds `now`. */
  function window(now: number, { edges }: Op): readonly [start: number, end: number] {
    if (edges !== undefined) {
      const next = edges.findIndex((edge) => edge > now)
      return [edges[next - 1] as number, edges[next] as number]
    }
    const start = floats ? now : Math.floor(now / length) * length
    return [start, start + length]
  }

  /** A window that has not ended counts, one that starts ahead of `now` too: time stands still. */
  const counts = (state: State, now: number) => (state[COUNT] as number) > 0 && now < (state[END] as number)

  const charge: Algorithm['charge'] = (state, op, now) => {
    if (!counts(state, now)) {
      const [start, end] = window(now, op)
      state[START] = start
      state[END] = end
      state[COUNT] = 0
    }
    state[COUNT] = Math.min((state[COUNT] as number) + op.cost, MAX_COUNT)
  }

  return {
    identity: [kind, 1, ...meaning].join(':'),
    configuration: JSON.stringify([kind, ...meaning, ...configuration]),
    twin: { name: 'window', length, floats, soft },
    capacity: (limit) => (soft ? MAX_COUNT : limit),
    check() {},
    empty: () => [0, 0, 0],

    drained: (state, now) => !counts(state, now),

    rebase(state, op, now) {
      if ((state[COUNT] as number) === 0 || (state[START] as number) <= now + MAX_SET_BACK_MS) return false
      const [start, end] = window(now, op)
      state[START] = start
      state[END] = end
      return true
    },

    admits: (state, op, now) =>
      soft || (counts(state, now) ? (state[COUNT] as number) : 0) + op.cost <= op.limit,

    charge,
    chargeRefused: charge,

    refund(state, op, now) {
      if (!counts(state, now) || state[START] !== op.mark) return
      state[COUNT] = (state[COUNT] as number) - Math.min(-op.cost, state[COUNT] as number)
    },

    reply(state, op, now) {
      if (counts(state, now)) return [state[START] as number, state[END] as number, state[COUNT] as number]
      return [...window(now, op), 0]
    },

    read(reply, op, now) {
      const end = reply[END] as number
      const used = reply[COUNT] as number
      const resetMs = used > 0 ? end - now : 0
      const waitMs = !op.fits ? null : soft || used + op.cost <= op.limit ? 0 : end - now
      return new Figures(op.limit, end - (reply[START] as number), used, resetMs, waitMs)
    },

    mark: (reply) => reply[START] as number,

    ends: (reply) => reply[END] as number,

    holds: (reply) => reply[END] as number,
  }
}
