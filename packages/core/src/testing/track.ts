import type { State } from '../algorithms/algorithm.js'
import type { CallLimit, Cost } from './arbitraries.js'
import type { Event } from './bounds.js'
import { holds } from './check.js'
import type { Subject } from './kinds.js'
import type { Oracle } from './oracle.js'

/** One policy's part in a request. */
export interface Part {
  readonly member: number
  readonly name: string
  readonly key: string
  readonly subject: Subject
  readonly track: Track
  readonly cost: number
  /** The limit in force. */
  readonly limit: number
}

/** A part, and what its oracle said before anything was charged. */
export interface Asked extends Part {
  readonly fits: boolean
  readonly alone: boolean
  readonly delayMs: number
}

/** What is known of one key of one policy. */
export class Track {
  readonly oracle: Oracle
  readonly events: Event[] = []
  /** The array that the store keeps, once something was charged. */
  state: State | undefined
  private readonly subject: Subject
  /** The latest clock at a charge or refund, since the clock was last set back. */
  private written = 0

  constructor(subject: Subject) {
    this.subject = subject
    this.oracle = subject.oracle()
  }

  /**
   * What a consume does first.
   * @returns whether the clock was set back: by over a minute, or behind a charge of which nothing is left
   */
  setBack(now: number, at: number): 'carried over' | 'begun anew' | undefined {
    const isAhead = this.oracle.isAhead(now)
    if (isAhead) this.oracle.carryOver(now)
    else if (now >= this.written || !this.oracle.idle(now)) return undefined
    this.written = now
    this.events.push({ at, kind: 'set back', units: 0, limit: 0 })
    return isAhead ? 'carried over' : 'begun anew'
  }

  judge(part: Part, now: number): Asked {
    const { cost, limit } = part
    const fits = limit > 0 && cost <= this.subject.capacity(limit)
    const delayMs = fits ? (this.oracle.delay?.(now, cost, limit) ?? 0) : 0
    return { ...part, fits, alone: fits && this.oracle.admits(now, cost, limit), delayMs }
  }

  /** Charges the oracle as the store must have. @returns the charge, to settle by */
  book({ cost, limit, fits, alone }: Asked, passed: boolean, now: number, at: number, kept: State): unknown {
    if (cost > 0 && fits && !alone && this.oracle.punish !== undefined) {
      this.oracle.punish(now)
      this.state = kept
      this.written = Math.max(this.written, now)
      checkState(kept)
    }
    const charged = cost > 0 && fits && ((passed && alone) || this.subject.policy.chargeRefused)
    if (!charged) return undefined
    this.state = kept
    this.written = Math.max(this.written, now)
    checkState(kept)
    const admitted = passed && alone
    const charge = admitted
      ? this.oracle.charge(now, cost, limit)
      : this.oracle.chargeRefused(now, cost, limit)
    this.events.push({ at, kind: admitted ? 'admitted' : 'added', units: cost, limit, charge })
    return charge
  }

  /** Settles in the oracle: so many units more, or fewer. */
  adjust({ limit }: Asked, more: number, charge: unknown, now: number, at: number): void {
    if (more === 0) return
    this.written = Math.max(this.written, now)
    this.events.push({ at, kind: more > 0 ? 'added' : 'refunded', units: Math.abs(more), limit })
    if (more > 0) this.oracle.charge(now, more, limit)
    else this.oracle.refund(now, -more, limit, charge)
    if (this.state !== undefined) checkState(this.state)
  }

  /** Renews a lease in the oracle. Answers whether it still held. */
  renew({ cost, limit }: Asked, charge: unknown, now: number, at: number): boolean {
    if (!this.oracle.renew?.(now, charge)) return false
    this.written = Math.max(this.written, now)
    this.events.push({ at, kind: 'renewed', units: cost, limit, charge })
    return true
  }

  release({ cost, limit }: Asked, charge: unknown, at: number): void {
    this.oracle.release?.(charge)
    this.events.push({ at, kind: 'released', units: cost, limit, charge })
    if (this.state !== undefined) checkState(this.state)
  }
}

/** Integers that any store can keep, and no -0. */
function checkState(state: State): void {
  const isSound = state.every((value) => Number.isSafeInteger(value) && !Object.is(value, -0))
  holds(isSound, () => `an unsound state: ${state}`)
}

/** The limit that a call brings; `undefined` where the policy does not take that one. */
export function limitOf(asked: CallLimit, { policy }: Subject): number | undefined {
  const own = policy.limit as number
  const limit = typeof asked === 'object' ? Math.max(1, Math.floor(own * asked.times)) : asked
  if (limit === undefined || limit === 0 || limit === Number.POSITIVE_INFINITY) return limit
  try {
    policy.algorithm.check(limit)
    return policy.fixedLimit === undefined && limit <= 2 ** 52 ? limit : undefined
  } catch {
    return undefined
  }
}

/** Whether what it charges are slots: they are reserved, and nothing settles them. */
export function holdsSlots({ policy }: Subject): boolean {
  return policy.algorithm.lease !== undefined
}

/** So many units, at most those that a cost may have. */
export function units({ of, plus }: Cost, subject: Subject, limit: number | undefined, left = 0): number {
  const most = subject.soft ? 1000 : 2 ** 52
  const inForce = Number.isFinite(limit) ? (limit as number) : 1
  const capacity = inForce === 0 ? 0 : subject.capacity(inForce)
  const base = { units: 0, half: Math.floor(capacity / 2), limit: capacity, left }[of]
  return Math.min(most, (Number.isFinite(base) ? base : 0) + plus)
}
