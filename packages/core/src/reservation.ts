import type { Awaitable } from './after.js'
import type { Op } from './algorithms/algorithm.js'
import { checkUnits, newId, type PerPolicy } from './call.js'
import { Charges } from './charges.js'
import type { Decision, Unnamed } from './decision.js'
import { checkBoolean, checkOneOf, checkOptions } from './options.js'
import { marksRefusals } from './policy.js'
import type { Answer } from './resilience/guard.js'
import type { Mode, OpResult, Plan, PlannedPolicy } from './store.js'

/**
 * A charge that waits to be settled, and slots that wait to be released. A charge never settled keeps its estimate; a slot
 * never released is free again when its lease has passed.
 */
export interface Reservation<Name extends string = string, Optional extends Name = Unnamed<Name>>
  extends AsyncDisposable {
  readonly decision: Decision<Name, Optional>
  /**
   * Moves the charge to what the work really cost, and releases the slots. Units for every policy, or for some by name; the
   * others keep their estimate, or come to what was metered. Less is given back where it still counts; more is charged even
   * beyond the limit.
   * Answers whether the store heard it: false after a refusal, and the second time. What it did not hear is sent to it again
   * for half a minute. Rejects on misuse only.
   * @param options `release: false` keeps the slots, for another call to release
   */
  settle(actual?: PerPolicy<Name>, options?: SettleOptions): Promise<boolean>
  /** Gives the whole charge back, and releases the slots. Answers as {@link settle} does. */
  cancel(): Promise<boolean>
  /** Releases the slots, and leaves the charge to be settled. Answers as {@link settle} does. */
  release(): Promise<boolean>
  /**
   * Holds the slots for another lease from now. Answers whether they were still held: after a `false` others may have them.
   * While the store does not answer they are, as long as the last lease lasts.
   */
  renew(): Promise<boolean>
  /**
   * Counts what the work produces: units for every policy, or for some by name. What goes beyond the estimate is charged at
   * once, and the answer is whether there was room for it. Without room `'stop'` charges nothing: do not produce them;
   * `'finish'` charges them all the same, as a debt.
   */
  meter(units: PerPolicy<Name>, options?: MeterOptions): Promise<boolean>
  /** The end of an `await using`: cancels what was not settled. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface SettleOptions {
  /** @default true */
  readonly release?: boolean | undefined
}

export interface MeterOptions {
  /** @default 'stop' */
  readonly atLimit?: 'stop' | 'finish' | undefined
}

/** What a reservation is about. */
interface Subject {
  readonly plan: Plan
  readonly ops: readonly Op[]
  /** `undefined` where no policy took part. */
  readonly answer: Answer | undefined
  readonly decision: Decision
  /** Asks whatever decided. */
  readonly run: (ops: readonly Op[], mode: Mode, by: Answer['by']) => Awaitable<Answer>
  /** Our monotonic clock before asking, ms. */
  readonly asked: number
}

/** Made for every request that may be settled: it does nothing until it is asked. */
export class Held implements Reservation {
  readonly decision: Decision
  private readonly subject: Subject
  private isOpen: boolean
  private isHolding: boolean
  private known: Charges | undefined
  /** By our own clock, when the slots are lost if the store hears no more of us. */
  private heldUntil: number | undefined
  /** What something else has charged, while the store was away, of what the store is told in the end. */
  private readonly lent: [by: Answer['by'], ops: readonly Op[]][] = []
  /** Metering that is not over. */
  private pending: Promise<unknown> | undefined

  constructor(subject: Subject) {
    this.subject = subject
    this.decision = subject.decision
    this.isOpen = this.isHolding = subject.decision.allowed
  }

  async settle(actual?: PerPolicy<string>, options: SettleOptions = {}): Promise<boolean> {
    checkOptions(options, ['release'], 'settle')
    checkBoolean(options.release, 'release')
    if (actual !== undefined) checkUnits(this.subject.plan, actual)
    return this.end(actual, options.release ?? true)
  }

  async cancel(): Promise<boolean> {
    return this.end(0, true)
  }

  async release(): Promise<boolean> {
    const slots = this.isHolding ? this.slots() : []
    this.isHolding = false
    return slots.length > 0 && (await this.send(slots, 'release')) !== undefined
  }

  async renew(): Promise<boolean> {
    if (!this.isHolding) return false
    const slots = this.slots()
    if (slots.length === 0 || this.decision.source === 'fallback') return true
    const leaseMs = Math.min(...slots.map((op) => this.policyOf(op).algorithm.lease?.ms as number))
    const asked = performance.now()
    try {
      const { passed } = await this.run(slots, 'renew')
      this.heldUntil = asked + (passed ? leaseMs : 0)
      return passed
    } catch {
      return performance.now() < (this.heldUntil ?? this.subject.asked + leaseMs)
    }
  }

  async meter(units: PerPolicy<string>, options: MeterOptions = {}): Promise<boolean> {
    checkOptions(options, ['atLimit'], 'meter')
    checkOneOf(options.atLimit, ['stop', 'finish'], 'atLimit')
    checkUnits(this.subject.plan, units)
    // One after the other: each must know what the one before it has charged.
    const turn = Promise.resolve(this.pending).then(() => this.produce(units, options.atLimit ?? 'stop'))
    this.pending = turn.catch(() => {})
    return turn
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel()
  }

  private async end(actual: PerPolicy<string> | undefined, release: boolean): Promise<boolean> {
    if (this.pending !== undefined) await this.pending
    const slots = release && this.isHolding ? this.slots() : []
    const adjustments = this.isOpen ? this.charges().changesTo(actual) : []
    const isNews = this.isOpen || slots.length > 0
    this.isOpen = false
    if (release) this.isHolding = false
    if (this.lent.length > 0) await this.takeBack()
    const sent = adjustments.map((ops) => this.send(once(ops), 'adjust'))
    if (slots.length > 0) sent.push(this.send(slots, 'release'))
    return isNews && !(await Promise.all(sent)).includes(undefined)
  }

  private run(ops: readonly Op[], mode: Mode, by = this.subject.answer?.by): Awaitable<Answer> {
    return this.subject.run(ops, mode, by)
  }

  /** It comes to the same as the store then: it hears of the adjustment too. */
  private async takeBack(): Promise<void> {
    for (const [by, ops] of this.lent.splice(0)) {
      const back = ops.map((op) => ({ ...op, cost: -op.cost }))
      await this.send(back, 'adjust', by)
    }
  }

  /** `undefined` where nobody heard it. */
  private async send(ops: readonly Op[], mode: Mode, by?: Answer['by']): Promise<Answer | undefined> {
    try {
      return await this.run(ops, mode, by)
    } catch {
      return undefined
    }
  }

  private async produce(units: PerPolicy<string>, atLimit: 'stop' | 'finish'): Promise<boolean> {
    if (!this.isOpen) return false
    const charges = this.charges()
    const missing = charges.missing(units).map((op) => ({ ...op, mark: undefined }))
    const isRoom = missing.length === 0 || (await this.charge(missing, atLimit))
    if (isRoom || atLimit === 'finish') charges.produced(units)
    return isRoom
  }

  /** Answers whether there was room. */
  private async charge(ops: readonly Op[], atLimit: 'stop' | 'finish'): Promise<boolean> {
    if (atLimit === 'stop' && ops.some((op) => marksRefusals(this.policyOf(op)))) {
      // Asked for, a refusal would be charged, or punished.
      if (!(await this.run(ops, 'peek')).passed) return false
    }
    const charged = await (atLimit === 'stop' ? this.run(ops, 'consume') : this.send(once(ops), 'adjust'))
    if (charged === undefined) {
      // It is carried to the store later, or it was there.
      this.charges().add(ops)
      return true
    }
    if (!charged.passed) return false
    if (charged.by === this.subject.answer?.by) this.charges().add(this.passed(ops, charged))
    // The store may have charged it all the same: it is not charged again.
    else if (charged.isDoubtful) this.charges().add(ops)
    else {
      this.charges().owe(ops)
      this.lent.push([charged.by, this.passed(ops, charged)])
    }
    return ops.every((op, i) => this.policyOf(op).shadow || this.hasRoom(op, charged, i))
  }

  private hasRoom(op: Op, { results, now }: Answer, place: number): boolean {
    const { reply, now: own = now } = results[place] as OpResult
    return this.policyOf(op).algorithm.read(reply, { ...op, cost: 0 }, own, false).waitMs === 0
  }

  private slots(): Op[] {
    return this.charged().filter((op) => op.cost > 0 && this.policyOf(op).algorithm.lease !== undefined)
  }

  private charges(): Charges {
    this.known ??= new Charges(
      this.charged().filter((op) => this.policyOf(op).algorithm.lease === undefined),
      (op) => this.policyOf(op).name,
    )
    return this.known
  }

  private charged(): Op[] {
    const { ops, answer } = this.subject
    return answer?.passed ? this.passed(ops, answer) : []
  }

  /** The ops that were charged, with their marks; not what a shadow policy refused. */
  private passed(ops: readonly Op[], { results }: Answer): Op[] {
    return ops.flatMap((op, i) => {
      const { passed, reply } = results[i] as OpResult
      return passed ? [{ ...op, mark: this.policyOf(op).algorithm.mark(reply) }] : []
    })
  }

  private policyOf({ policy }: Pick<Op, 'policy'>): PlannedPolicy {
    return this.subject.plan.policies[policy] as PlannedPolicy
  }
}

/** One adjustment, which may be sent again. */
function once(ops: readonly Op[]): Op[] {
  const id = newId()
  return ops.map((op) => ({ ...op, id }))
}
