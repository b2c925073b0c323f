import { SpillwayError } from '../../errors.js'
import {
  type Algorithm,
  MAX_COUNT,
  MAX_SET_BACK_MS,
  type Reading,
  type Reply,
  type State,
} from '../algorithm.js'

const LEVEL = 0
const TIME = 1
const RATE = 2

/** One bucket in three uses: tokenBucket, leakyBucket and spikeArrest are this arithmetic with different room. */
export interface MeterOptions {
  readonly kind: string
  /** Length of the rate's period in ms. It is also the worth of one unit: the level drains by `rate` each ms. */
  readonly period: number
  /** Units drained per period. @default the limit */
  readonly rate?: number
  /** The most units it holds. @default the limit */
  readonly capacity?: number | undefined
  /** Level up to which a unit is let in although less than a whole one is free. @default 0 */
  readonly slack?: number
  /** What to write for room for so many units. */
  readonly advice?: (units: number) => string
  /** Whether admitted work waits for its turn. */
  readonly shapes?: boolean
  /** Whether a refusal reports the spacing it wanted and saw. */
  readonly spaces?: boolean
  readonly configuration: readonly unknown[]
}

/**
 * The meter: a level that drains with time. State `(level, time, rate)`: the level at that time, and the rate in force
 * when it was written, by which it drains until the next charge.
 */
export function meter(options: MeterOptions): Algorithm {
  const { kind, period, slack = 0, shapes = false, spaces = false } = options
  const rate = (limit: number) => options.rate ?? limit
  const capacity = (limit: number) => options.capacity ?? limit
  const room = (limit: number) => capacity(limit) * period + slack
  /** Time to drain from full. Under a limit of 0 nothing is held or drained. */
  const window = (limit: number) =>
    limit === 0 ? period : Math.ceil((capacity(limit) * period) / rate(limit))

  /** Level at `now`. Compares before it multiplies, so that no product overflows. */
  function drain(level: number, time: number, stored: number, now: number): number {
    const elapsed = now <= time ? 0 : now - time
    if (level === 0 || elapsed >= level / stored) return 0
    return level - elapsed * stored
  }

  const levelAt = (state: State, now: number) =>
    drain(state[LEVEL] as number, state[TIME] as number, state[RATE] as number, now)

  /** Sets what has become of a level that was drained to `now`. */
  function write(state: State, now: number, stored: number, drained: number, level: number): void {
    state[LEVEL] = level
    if (drained === 0 || now > (state[TIME] as number)) state[TIME] = now
    state[RATE] = stored
  }

  function spaced(reading: Reading, reply: Reply, now: number): Reading {
    const wantedMs = Math.ceil(period / (reply[RATE] as number))
    return { ...reading, spacing: { wantedMs, seenMs: Math.max(0, now - (reply[TIME] as number)) } }
  }

  return {
    identity: `${kind}:1:${period}`,
    configuration: JSON.stringify([kind, period, ...options.configuration]),
    twin: { name: 'meter', period, rate: options.rate, capacity: options.capacity, slack, shapes },
    capacity,

    check(limit) {
      if (capacity(limit) * period > MAX_COUNT) {
        throw new SpillwayError(
          'LIMIT_TOO_LARGE',
          `${capacity(limit)} units over ${period} ms are beyond exact arithmetic: units times ms must be at most 2^52.`,
        )
      }
      if (capacity(limit) * period + slack < rate(limit)) {
        throw new SpillwayError(
          'RATE_UNREACHABLE',
          `${rate(limit)} units in ${period} ms can never be reached with room for ${capacity(limit)}: ` +
            `write ${options.advice?.(Math.ceil(rate(limit) / period))} or more.`,
        )
      }
    },

    empty: () => [0, 0, 0],

    drained: (state, now) => levelAt(state, now) === 0,

    rebase(state, _op, now) {
      if (state[LEVEL] === 0 || (state[TIME] as number) <= now + MAX_SET_BACK_MS) return false
      state[TIME] = now
      return true
    },

    admits: (state, op, now) => levelAt(state, now) <= room(op.limit) - op.cost * period,

    charge(state, op, now) {
      const level = levelAt(state, now)
      write(state, now, rate(op.limit), level, Math.min(level + op.cost * period, MAX_COUNT))
    },

    chargeRefused(state, op, now) {
      const level = levelAt(state, now)
      const charged = Math.min(level + op.cost * period, room(op.limit))
      write(state, now, rate(op.limit), level, Math.max(level, charged))
    },

    refund(state, op, now) {
      // A later start was already promised around shaped work, and a charge older than a full drain is gone anyway.
      if (shapes || now - (op.mark as number) >= window(op.limit)) return
      const level = levelAt(state, now)
      write(state, now, state[RATE] as number, level, level - Math.min(-op.cost * period, level))
    },

    reply: (state) => [state[LEVEL] as number, state[TIME] as number, state[RATE] as number],

    read(reply, op, now, charged) {
      const [stored, time, drainRate] = reply as [number, number, number]
      const level = drain(stored, time, drainRate, now)
      const ahead = time <= now ? 0 : time - now
      const limit = op.limit === 0 ? 0 : capacity(op.limit)
      const used = level <= slack ? 0 : Math.ceil((level - slack) / period)
      const excess = level - (room(op.limit) - op.cost * period)
      const waiting = level - op.cost * period
      const reading: Reading = {
        limit,
        windowMs: window(op.limit),
        used,
        remaining: used >= limit ? 0 : limit - used,
        resetMs: level === 0 ? 0 : ahead + Math.ceil(level / drainRate),
        waitMs: !op.fits ? null : excess <= 0 ? 0 : ahead + Math.ceil(excess / drainRate),
        delayMs: shapes && charged && waiting > 0 ? ahead + Math.ceil(waiting / drainRate) : 0,
      }
      return spaces && !charged && stored > 0 && excess > 0 ? spaced(reading, reply, now) : reading
    },

    mark: (reply) => reply[TIME] as number,

    holds: () => Number.POSITIVE_INFINITY,
  }
}
