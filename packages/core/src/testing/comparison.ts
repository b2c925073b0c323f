import type { Decision } from '../decision.js'
import { createLimiter, type Limiter } from '../limiter.js'
import type { Reservation } from '../reservation.js'
import type { Command } from './arbitraries.js'
import { same } from './check.js'
import { moved } from './clock.js'
import type { Subject } from './kinds.js'
import { scriptedStore } from './scripted-store.js'
import { holdsSlots, limitOf, units as unitsOf } from './track.js'

/** One limiter on a store that is remembered, and one on a store of the same history that is asked each time. */
export class Comparison {
  cached = 0
  private now: number
  private last: Decision | undefined
  private held: [Reservation, Reservation][] = []
  private readonly remembering: Limiter
  private readonly asking: Limiter
  private readonly subjects: readonly Subject[]

  constructor(subjects: readonly Subject[], denyCache: '1s' | '1m' | '1000d', beginning: number) {
    this.subjects = subjects
    this.now = beginning
    const policies = Object.fromEntries(subjects.map(({ policy }, i) => [`p${i}`, policy]))
    const all = { name: 'compared', policies, clock: () => this.now }
    this.remembering = createLimiter({ ...all, store: scriptedStore(), denyCache, fallback: 'deny' })
    this.asking = createLimiter(all)
  }

  async step({ move, ask, parts, pick, atLimit, release }: Command): Promise<void> {
    this.now = moved(this.now, move, this.subjects, this.last)
    const of = <T>(value: (part: Command['parts'][number], subject: Subject, name: string) => T) =>
      Object.fromEntries(
        this.subjects.map((subject, i) => [`p${i}`, value(parts[i] as never, subject, `p${i}`)]),
      )
    const keys = of(({ key }) => key)
    const limit = of(({ limit }, subject) => limitOf(limit, subject))
    const cost = of(({ cost }, subject, name) =>
      unitsOf(cost, subject, limit[name] ?? subject.policy.limit, this.last?.policies[name]?.remaining),
    )
    if (ask === 'reset') return void (await Promise.all(this.both((limiter) => limiter.reset(keys))))
    const units = Object.fromEntries(
      Object.entries(cost).filter((_, i) => !holdsSlots(this.subjects[i] as Subject)),
    )
    if (ask === 'settle') return this.change(pick, true, (held) => held.settle(units, { release }))
    if (ask === 'cancel') return this.change(pick, true, (held) => held.cancel())
    if (ask === 'renew') return this.change(pick, false, (held) => held.renew())
    if (ask === 'meter') return this.change(pick, false, (held) => held.meter(units, { atLimit }))
    if (ask === 'reserve' || (ask === 'consume' && this.subjects.some(holdsSlots))) {
      const held = await Promise.all(this.both((limiter) => limiter.reserve(keys, { cost, limit })))
      this.held.push(held)
      return this.compare(held[0].decision, held[1].decision)
    }
    const [one, other] = await Promise.all(this.both((limiter) => limiter[ask](keys, { cost, limit })))
    this.compare(one, other)
  }

  private both<T>(call: (limiter: Limiter) => T): [T, T] {
    return [call(this.remembering), call(this.asking)]
  }

  private compare(one: Decision, other: Decision): void {
    if (one.source === 'deny-cache') this.cached++
    else same(one.source, 'store', 'the source')
    same({ ...one, source: 'store' }, other, 'the decision')
    this.last = other
  }

  private async change(
    pick: number,
    isLast: boolean,
    change: (held: Reservation) => Promise<boolean>,
  ): Promise<void> {
    const [held] = this.held.splice(pick % Math.max(1, this.held.length), 1)
    if (held === undefined) return
    const [one, other] = await Promise.all([change(held[0]), change(held[1])])
    same(one, other, 'what a reservation answers')
    if (!isLast) this.held.push(held)
  }
}
