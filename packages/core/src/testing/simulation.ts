import type { State } from '../algorithms/algorithm.js'
import type { Decision, PolicyState } from '../decision.js'
import { createLimiter, type SyncLimiter } from '../limiter.js'
import { marksRefusals } from '../policy.js'
import type { Reservation } from '../reservation.js'
import { memoryStore } from '../stores/memory.js'
import type { Command } from './arbitraries.js'
import { same } from './check.js'
import { moved } from './clock.js'
import { checkDecision } from './expected.js'
import type { Subject } from './kinds.js'
import { type Asked, holdsSlots, limitOf, Track, units } from './track.js'
import { type Watched, watch } from './watch.js'

interface Open {
  readonly reservation: Reservation
  /** What was charged, and what each oracle knows its charge by. */
  readonly charged: readonly { readonly part: Asked; readonly charge: unknown }[]
}

/** One policy in the simulated limiter. */
interface Member {
  readonly name: string
  readonly subject: Subject
  readonly watched: Watched
  readonly tracks: Map<string, Track>
}

interface Call {
  readonly keys: Record<string, string | null>
  readonly options: {
    readonly cost: Record<string, number>
    readonly limit: Record<string, number | undefined>
  }
}

/** Gives the same commands to a limiter and to the oracles of its policies, and compares all that can be seen. */
export async function simulate(
  subjects: readonly Subject[],
  beginning: number,
  commands: readonly Command[],
): Promise<void> {
  const simulation = new Simulation(subjects, beginning)
  for (const command of commands) await simulation.step(command)
  simulation.checkBounds()
}

class Simulation {
  private now: number
  /** How far the clock has moved forward in all. */
  private forward = 0
  private last: Decision | undefined
  private open: Open[] = []
  private readonly members: readonly Member[]
  private readonly limiter: SyncLimiter

  constructor(subjects: readonly Subject[], beginning: number) {
    this.now = beginning
    this.members = subjects.map((subject, i) => ({
      name: `p${i}`,
      subject,
      watched: watch(subject.policy),
      tracks: new Map(),
    }))
    this.limiter = createLimiter({
      name: 'simulated',
      store: memoryStore({ maxKeys: 10 }),
      clock: () => this.now,
      policies: Object.fromEntries(this.members.map(({ name, watched }) => [name, watched.policy])),
    })
  }

  async step(command: Command): Promise<void> {
    this.moveClock(command)
    if (command.ask === 'reset') await this.reset(command)
    else if (command.ask === 'settle' || command.ask === 'cancel') await this.settle(command)
    else if (command.ask === 'renew') await this.renew(command)
    // What is metered is told to no oracle, but summed up in a test of reservations.
    else if (command.ask !== 'meter') await this.decide(command)
  }

  checkBounds(): void {
    for (const { subject, tracks } of this.members) {
      for (const { events } of tracks.values()) subject.bound(events)
    }
  }

  private moveClock({ move }: Command): void {
    const subjects = this.members.map(({ subject }) => subject)
    const then = moved(this.now, move, subjects, this.last)
    this.forward += Math.max(0, then - this.now)
    this.now = then
  }

  private async decide(command: Command): Promise<void> {
    const call = this.callOf(command)
    const before = this.states()
    const peeked: Decision = await this.limiter.peek(call.keys, call.options)
    same(this.states(), before, 'a peek wrote; the states')
    if (command.ask === 'peek') return

    const taking = this.takingPart(call)
    const setBacks = taking.map(({ track }) => {
      const setBack = track.setBack(this.now, this.forward)
      if (setBack) this.forget(track)
      return setBack
    })
    const asked = taking.map((part) => part.track.judge(part, this.now))

    const mustReserve = this.members.some(({ subject }) => holdsSlots(subject))
    const reservation: Reservation | undefined =
      command.ask === 'reserve' || mustReserve
        ? await this.limiter.reserve(call.keys, call.options)
        : undefined
    const decision: Decision = reservation?.decision ?? (await this.limiter.consume(call.keys, call.options))
    const kept = asked.map(({ member }) => this.member(member).watched.last())
    same(peeked, decision, 'a peek before the consume')
    this.last = decision
    if (asked.length === 0)
      return same(decision.remaining, Number.POSITIVE_INFINITY, 'with no limit; remaining')

    const passed = asked.every(({ alone, subject }) => alone || subject.policy.shadow)
    const charges = asked.map((part, i) =>
      part.track.book(part, passed, this.now, this.forward, kept[i] as State),
    )
    checkDecision(decision, asked, this.now)
    if (reservation !== undefined) {
      const charged = asked.map((part, i) => ({ part, charge: charges[i] })).filter(({ part }) => part.alone)
      if (passed) this.open.push({ reservation, charged })
      else same(await reservation.settle(1), false, 'settling a refusal')
    }

    const after = this.states()
    if (
      !passed &&
      !setBacks.includes('carried over') &&
      !asked.some(({ subject }) => marksRefusals(subject.policy))
    ) {
      same(after, before, 'a refusal wrote; the states')
    }
    await this.probe(call, asked, decision)
    same(this.states(), after, 'a later peek wrote; the states')
  }

  /** Asks the limiter itself about the wait and the rest that it reported. */
  private async probe({ keys, options }: Call, asked: readonly Asked[], decision: Decision): Promise<void> {
    const wait = decision.retryAfterMs
    if (!decision.allowed && wait !== null) {
      const then = this.now
      this.now = then + wait
      same((await this.limiter.peek(keys, options)).allowed, true, `after ${wait} ms; admitted`)
      this.now -= 1
      same((await this.limiter.peek(keys, options)).allowed, false, `after ${wait} - 1 ms; admitted`)
      this.now = then
    }
    const nobody = Object.fromEntries(this.members.map(({ name }) => [name, null]))
    for (const { name, key, subject, limit } of asked) {
      if (subject.soft || limit === 0) continue
      const { remaining } = decision.policies[name] as PolicyState
      const takes = async (units: number) => {
        const only = { cost: { [name]: units }, limit: options.limit }
        const { policies }: Decision = await this.limiter.peek({ ...nobody, [name]: key }, only)
        return (policies[name] as PolicyState).allowed
      }
      if (remaining > 0) same(await takes(remaining), true, `${name} takes the ${remaining} that remain`)
      if (remaining < subject.capacity(limit))
        same(await takes(remaining + 1), false, `${name} takes one more`)
    }
  }

  private async renew({ pick }: Command): Promise<void> {
    const renewed = this.open[pick % Math.max(1, this.open.length)]
    if (renewed === undefined) return
    const leases = renewed.charged.filter(
      ({ part, charge }) => holdsSlots(part.subject) && charge !== undefined,
    )
    const held = leases.map(({ part, charge }) => part.track.renew(part, charge, this.now, this.forward))
    same(await renewed.reservation.renew(), !held.includes(false), 'renewed')
  }

  private async settle({ ask, parts, pick }: Command): Promise<void> {
    const [settled] = this.open.splice(pick % Math.max(1, this.open.length), 1)
    if (settled === undefined) return
    const { reservation, charged } = settled
    const charges = charged.filter(({ part }) => !holdsSlots(part.subject))
    const actual = Object.fromEntries(
      charges.map(({ part }) => {
        const { cost } = parts[part.member] as Command['parts'][number]
        return [part.name, ask === 'cancel' ? 0 : units(cost, part.subject, part.limit, undefined)]
      }),
    )
    same(await (ask === 'cancel' ? reservation.cancel() : reservation.settle(actual)), true, 'settling once')
    for (const { part, charge } of charged) {
      if (holdsSlots(part.subject)) part.track.release(part, charge, this.forward)
    }
    for (const { part, charge } of charges) {
      const more = (actual[part.name] as number) - part.cost
      part.track.adjust(part, more, charge, this.now, this.forward)
    }
    const after = this.states()
    same(await reservation.settle(0), false, 'settling twice')
    same(await reservation.cancel(), false, 'settling twice')
    same(this.states(), after, 'settling twice wrote; the states')
  }

  private async reset(command: Command): Promise<void> {
    const { keys } = this.callOf(command)
    await this.limiter.reset(keys)
    for (const { track, member, key } of this.takingPart({ keys, options: { cost: {}, limit: {} } })) {
      this.forget(track)
      this.member(member).subject.bound(track.events)
      this.member(member).tracks.delete(key)
    }
  }

  private callOf({ parts }: Command): Call {
    const of = <T>(value: (part: Command['parts'][number], member: Member) => T) =>
      Object.fromEntries(this.members.map((member, i) => [member.name, value(parts[i] as never, member)]))
    const limit = of(({ limit }, { subject }) => limitOf(limit, subject))
    return {
      keys: of(({ key }) => key),
      options: {
        limit,
        cost: of(({ cost }, { name, subject }) =>
          units(cost, subject, limit[name] ?? subject.policy.limit, this.last?.policies[name]?.remaining),
        ),
      },
    }
  }

  /** The policies that a call asks. */
  private takingPart({ keys, options: { cost, limit } }: Call) {
    return this.members.flatMap(({ name, subject, tracks }, member) => {
      const key = keys[name] as string | null
      const inForce = limit[name] ?? (subject.policy.limit as number)
      if (key === null || inForce === Number.POSITIVE_INFINITY) return []
      const track = tracks.get(key) ?? new Track(subject)
      tracks.set(key, track)
      return [{ member, name, key, subject, track, cost: cost[name] ?? 1, limit: inForce }]
    })
  }

  /** What was reserved before is settled no more: the marks are of another time. */
  private forget(track: Track): void {
    this.open = this.open.filter(({ charged }) => charged.every(({ part }) => part.track !== track))
  }

  private member(index: number): Member {
    return this.members[index] as Member
  }

  /** All that the store is known to keep, copied. */
  private states(): unknown {
    return this.members.map(({ tracks }) =>
      [...tracks.values()].flatMap(({ state }) => (state === undefined ? [] : [state.slice()])),
    )
  }
}
