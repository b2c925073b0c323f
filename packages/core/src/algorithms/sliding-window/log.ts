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

const SUM = 0
const LAST_TIME = 1
const LAST_UNITS = 2
/** Older entries follow, oldest first: time, units, time, units, ... */
const FIRST = 3

/** In a reply, behind the sum and the last time. */
const FREED_BY = 2
const OLDEST = 3

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
export function log(options: LogOptions): Algorithm {
  return new Log(options)
}

/** A class for the same reason as the meter. */
class Log implements Algorithm {
  readonly identity: string
  readonly configuration: string
  readonly twin: Twin
  readonly check: (limit: number) => void
  readonly tellsOneWait = true
  private readonly window: number
  private readonly entries: number
  private readonly segment: number

  constructor({ kind, window, entries, segment, check }: LogOptions) {
    this.window = window
    this.entries = entries
    this.segment = segment
    this.check = check
    this.identity = `${kind}:1:${window}:${entries}`
    this.configuration = JSON.stringify([kind, window, entries])
    this.twin = { name: 'log', window, entries, segment }
  }

  private allExpired(state: State, now: number): boolean {
    return state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) + this.window <= now
  }

  private isSameSegment(a: number, b: number): boolean {
    return Math.floor(a / this.segment) === Math.floor(b / this.segment)
  }

  /** Index of the first older entry that still counts. */
  private firstLive(state: State, now: number): number {
    let i = FIRST
    while (i < state.length && (state[i] as number) + this.window <= now) i += 2
    return i
  }

  /** Units that count now. */
  private live(state: State, now: number): number {
    if (this.allExpired(state, now)) return 0
    let sum = state[SUM] as number
    for (let i = this.firstLive(state, now) - 2; i >= FIRST; i -= 2) sum -= state[i + 1] as number
    return sum
  }

  private prune(state: State, now: number): void {
    const sum = this.live(state, now)
    if (sum === state[SUM]) return
    if (sum === 0) {
      state.length = FIRST
      state[LAST_UNITS] = 0
    } else state.splice(FIRST, this.firstLive(state, now) - FIRST)
    state[SUM] = sum
  }

  private append(state: State, time: number, units: number): void {
    const lastTime = state[LAST_TIME] as number
    const full = 1 + (state.length - FIRST) / 2 >= this.entries
    const joins = time === lastTime || (full && this.isSameSegment(time, lastTime))
    if (state[LAST_UNITS] === 0) state[LAST_UNITS] = units
    else if (joins) state[LAST_UNITS] = (state[LAST_UNITS] as number) + units
    else {
      state.push(lastTime, state[LAST_UNITS] as number)
      state[LAST_UNITS] = units
    }
    state[LAST_TIME] = time
    state[SUM] = (state[SUM] as number) + units
  }

  capacity(limit: number): number {
    return limit
  }

  empty(): State {
    return [0, 0, 0]
  }

  drained(state: State, now: number): boolean {
    return this.allExpired(state, now)
  }

  rebase(state: State, _op: Op, now: number): boolean {
    if (state[LAST_UNITS] === 0 || (state[LAST_TIME] as number) <= now + MAX_SET_BACK_MS) return false
    const sum = this.live(state, now)
    state.length = FIRST
    state[SUM] = sum
    state[LAST_TIME] = now
    state[LAST_UNITS] = sum
    return true
  }

  admits(state: State, op: Op, now: number): boolean {
    return this.live(state, now) + op.cost <= op.limit
  }

  charge(state: State, op: Op, now: number): void {
    this.prune(state, now)
    const units = Math.min(op.cost, MAX_COUNT - (state[SUM] as number))
    if (units === 0) return
    this.append(state, state[LAST_UNITS] === 0 ? now : Math.max(now, state[LAST_TIME] as number), units)
  }

  chargeRefused(state: State, op: Op, now: number): void {
    this.charge(state, op, now)
  }

  refund(state: State, op: Op, now: number): void {
    // With a clock set back, what a later charge has already dropped is not given back from that later charge.
    const mark = op.mark as number
    if (mark + this.window <= Math.max(now, state[LAST_TIME] as number) || this.allExpired(state, now)) return
    // What is given back is seldom old: from the newest to the first that is not before the mark.
    let [time, units, i] = [LAST_TIME, LAST_UNITS, state.length]
    for (; i > FIRST && (state[i - 2] as number) >= mark; i -= 2) [time, units] = [i - 2, i - 1]
    if ((state[time] as number) < mark || !this.isSameSegment(state[time] as number, mark)) return
    const refunded = Math.min(-op.cost, state[units] as number)
    state[units] = (state[units] as number) - refunded
    state[SUM] = (state[SUM] as number) - refunded
    if (state[units] !== 0) return
    if (units !== LAST_UNITS) state.splice(i, 2)
    else if (state.length > FIRST) {
      state[LAST_UNITS] = state.pop() as number
      state[LAST_TIME] = state.pop() as number
    }
  }

  reply(state: State, op: Op, now: number): Reply {
    const sum = this.live(state, now)
    if (sum === 0) return [0, 0, 0, 0]
    // The oldest entry whose expiry frees enough for this cost.
    let missing = sum + op.cost - op.limit
    let i = this.firstLive(state, now)
    const oldest = (i < state.length ? state[i] : state[LAST_TIME]) as number
    while (i < state.length && missing > (state[i + 1] as number)) {
      missing -= state[i + 1] as number
      i += 2
    }
    const freedBy = missing <= 0 ? 0 : ((i < state.length ? state[i] : state[LAST_TIME]) as number)
    return [sum, state[LAST_TIME] as number, freedBy, oldest]
  }

  read(reply: Reply, op: Op, now: number): Reading {
    const used = reply[SUM] as number
    // Of another op's reply the wait is unknown, though there is one.
    const freedInMs = Math.max(1, (reply[FREED_BY] as number) + this.window - now)
    const resetMs = used === 0 ? 0 : (reply[LAST_TIME] as number) + this.window - now
    const waitMs = !op.fits ? null : used + op.cost <= op.limit ? 0 : freedInMs
    return new Figures(op.limit, this.window, used, resetMs, waitMs)
  }

  mark(reply: Reply): number {
    return reply[LAST_TIME] as number
  }

  holds(reply: Reply): number {
    return reply[SUM] === 0 ? Number.POSITIVE_INFINITY : (reply[OLDEST] as number) + this.window
  }
}
