import { SpillwayError } from '../../errors.js'
import {
  type Algorithm,
  MAX_COUNT,
  MAX_SET_BACK_MS,
  type Op,
  type Reading,
  type Reply,
  type State,
  type Twin,
} from '../algorithm.js'
import { Figures } from '../figures.js'

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
  return new Meter(options)
}

/** A class, not closures: all meters of a process run the same code, and the engine knows the types of their fields. */
class Meter implements Algorithm {
  readonly identity: string
  readonly configuration: string
  readonly twin: Twin
  private readonly advice: MeterOptions['advice']
  private readonly period: number
  private readonly ownRate: number | undefined
  private readonly ownCapacity: number | undefined
  private readonly slack: number
  private readonly shapes: boolean
  private readonly spaces: boolean

  constructor(options: MeterOptions) {
    const { kind, period, rate, capacity, slack = 0, shapes = false, spaces = false } = options
    this.advice = options.advice
    this.period = period
    this.ownRate = rate
    this.ownCapacity = capacity
    this.slack = slack
    this.shapes = shapes
    this.spaces = spaces
    this.identity = `${kind}:1:${period}`
    this.configuration = JSON.stringify([kind, period, ...options.configuration])
    this.twin = { name: 'meter', period, rate, capacity, slack, shapes }
  }

  private rate(limit: number): number {
    return this.ownRate ?? limit
  }

  private room(limit: number): number {
    return this.capacity(limit) * this.period + this.slack
  }

  /** Time to drain from full. Under a limit of 0 nothing is held or drained. */
  private window(limit: number): number {
    return limit === 0 ? this.period : Math.ceil((this.capacity(limit) * this.period) / this.rate(limit))
  }

  /** How much later shaped work starts that has so much before it. */
  private delay(waiting: number, drainRate: number, ahead: number): number {
    return waiting > 0 ? ahead + Math.ceil(waiting / drainRate) : 0
  }

  private spaced(reading: Reading, reply: Reply, now: number): Reading {
    const wantedMs = Math.ceil(this.period / (reply[RATE] as number))
    const spacing = { wantedMs, seenMs: Math.max(0, now - (reply[TIME] as number)) }
    // The new property first, as in `withEdges` of the limiter.
    return { spacing, ...reading }
  }

  capacity(limit: number): number {
    return this.ownCapacity ?? limit
  }

  check(limit: number): void {
    const { period, slack } = this
    const rate = this.rate(limit)
    const capacity = this.capacity(limit)
    if (capacity * period > MAX_COUNT) {
      throw new SpillwayError(
        'LIMIT_TOO_LARGE',
        `${capacity} units over ${period} ms are beyond exact arithmetic: units times ms must be at most 2^52.`,
      )
    }
    if (capacity * period + slack < rate) {
      throw new SpillwayError(
        'RATE_UNREACHABLE',
        `${rate} units in ${period} ms can never be reached with room for ${capacity}: ` +
          `write ${this.advice?.(Math.ceil(rate / period))} or more.`,
      )
    }
  }

  empty(): State {
    return [0, 0, 0]
  }

  drained(state: State, now: number): boolean {
    return levelAt(state, now) === 0
  }

  rebase(state: State, _op: Op, now: number): boolean {
    if (state[LEVEL] === 0 || (state[TIME] as number) <= now + MAX_SET_BACK_MS) return false
    state[TIME] = now
    return true
  }

  admits(state: State, op: Op, now: number): boolean {
    return levelAt(state, now) <= this.room(op.limit) - op.cost * this.period
  }

  charge(state: State, op: Op, now: number): void {
    const level = levelAt(state, now)
    write(state, now, this.rate(op.limit), level, Math.min(level + op.cost * this.period, MAX_COUNT))
  }

  chargeRefused(state: State, op: Op, now: number): void {
    const level = levelAt(state, now)
    const charged = Math.min(level + op.cost * this.period, this.room(op.limit))
    write(state, now, this.rate(op.limit), level, Math.max(level, charged))
  }

  refund(state: State, op: Op, now: number): void {
    // A later start was already promised around shaped work, and a charge older than a full drain is gone anyway.
    if (this.shapes || now - (op.mark as number) >= this.window(op.limit)) return
    const level = levelAt(state, now)
    write(state, now, state[RATE] as number, level, level - Math.min(-op.cost * this.period, level))
  }

  reply(state: State): Reply {
    return [state[LEVEL] as number, state[TIME] as number, state[RATE] as number]
  }

  read(reply: Reply, op: Op, now: number, charged: boolean): Reading {
    const time = reply[TIME] as number
    const drainRate = reply[RATE] as number
    const level = levelAt(reply, now)
    const ahead = time <= now ? 0 : time - now
    const limit = op.limit === 0 ? 0 : this.capacity(op.limit)
    const used = level <= this.slack ? 0 : Math.ceil((level - this.slack) / this.period)
    const excess = level - (this.room(op.limit) - op.cost * this.period)
    const resetMs = level === 0 ? 0 : ahead + Math.ceil(level / drainRate)
    const waitMs = !op.fits ? null : excess <= 0 ? 0 : ahead + Math.ceil(excess / drainRate)
    const delayMs = this.shapes && charged ? this.delay(level - op.cost * this.period, drainRate, ahead) : 0
    const figures = new Figures(limit, this.window(op.limit), used, resetMs, waitMs, delayMs)
    const isSpaced = this.spaces && !charged && (reply[LEVEL] as number) > 0 && excess > 0
    return isSpaced ? this.spaced(figures, reply, now) : figures
  }

  mark(reply: Reply): number {
    return reply[TIME] as number
  }

  holds(): number {
    return Number.POSITIVE_INFINITY
  }
}

/** Level at `now`. Compares before it multiplies, so that no product overflows. */
function drain(level: number, time: number, stored: number, now: number): number {
  const elapsed = now <= time ? 0 : now - time
  if (level === 0 || elapsed >= level / stored) return 0
  return level - elapsed * stored
}

function levelAt(state: Reply, now: number): number {
  return drain(state[LEVEL] as number, state[TIME] as number, state[RATE] as number, now)
}

/** Sets what has become of a level that was drained to `now`. */
function write(state: State, now: number, stored: number, drained: number, level: number): void {
  state[LEVEL] = level
  if (drained === 0 || now > (state[TIME] as number)) state[TIME] = now
  state[RATE] = stored
}
