import {
  createLimiter,
  type Decision,
  type Limiter,
  type LimiterOptions,
  memoryStore,
  type Outcome,
  type Policy,
  type Reservation,
  type Store,
} from '@spillway/core'
import type { Command } from '../../../core/src/testing/arbitraries.js'
import { same } from '../../../core/src/testing/check.js'
import { moved } from '../../../core/src/testing/clock.js'
import type { Subject } from '../../../core/src/testing/kinds.js'
import { holdsSlots, limitOf, units } from '../../../core/src/testing/track.js'
import { type Watched, watch } from '../../../core/src/testing/watch.js'
import { keysOf } from '../keys.js'

/** What a test of two stores needs besides their policies. */
export interface RivalOptions {
  readonly subjects: readonly Subject[]
  /** The store to compare with `memoryStore`. */
  readonly store: Store
  readonly prefix: string
  read(key: string): Promise<string | null>
  /** The clock's first reading; without one the store's own clock decides, and memory goes by what it said. */
  readonly beginning?: number
  readonly denyCache: '1s' | 0
  /** A Cluster does not decide as one. */
  readonly atomic?: boolean
}

interface Side {
  readonly limiter: Limiter
  /** What its store answered in this turn. */
  readonly outcomes: Partial<Outcome>[]
  /** Reservations that are still to be settled. */
  readonly open: Reservation[]
  /** The ids of leases, which are drawn, and numbers for them in the order in which they were first seen. */
  readonly ids: Map<number, number>
}

type Answer = Decision | Reservation | boolean | undefined

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NAME = 'rivals'

/** Gives the same commands to a store and to `memoryStore`, and compares all that they answer and all that they keep. */
export class Rivals {
  private readonly options: RivalOptions
  private readonly watched: readonly Watched[]
  private readonly names: readonly string[]
  private readonly store: Side
  private readonly memory: Side
  private now: number
  /** Whether the present command asks a store: where no policy takes part none is. */
  private asksStore = true
  private last: Decision | undefined

  constructor(options: RivalOptions) {
    const { subjects, store, beginning, denyCache } = options
    this.options = options
    this.now = beginning ?? Date.now()
    this.names = subjects.map((_, i) => `p${i}`)
    this.watched = subjects.map(({ policy }) => watch(policy))
    const clock = () => this.now
    // Where the store's own clock decides, memory goes by what it said to the same call: one turn may take it several.
    const said = () =>
      (this.asksStore ? this.store.outcomes[this.memory.outcomes.length]?.now : undefined) ?? this.now
    const own = beginning === undefined ? said : clock
    this.memory = this.side(memoryStore(), ({ policy }) => policy, { clock: own })
    const around = { denyCache, deadline: '30s', fallback: 'deny' } as const
    this.store = this.side(store, (_, i) => (subjects[i] as Subject).policy, {
      ...around,
      ...(beginning !== undefined && { clock }),
    })
  }

  private side(
    store: Store,
    policyOf: (watched: Watched, place: number) => Policy,
    options: Partial<LimiterOptions>,
  ): Side {
    const outcomes: Partial<Outcome>[] = []
    const policies = Object.fromEntries(
      this.watched.map((watched, i) => [this.names[i] as string, policyOf(watched, i)]),
    )
    const limiter = createLimiter({ ...options, name: NAME, policies, store: recorded(store, outcomes) })
    return { limiter, outcomes, open: [], ids: new Map() }
  }

  /** Starts these commands in one turn of the event loop. */
  async turn(commands: readonly Command[]): Promise<void> {
    const { beginning, denyCache } = this.options
    const clocks: number[] = []
    const starting: Promise<Answer>[] = []
    for (const [i, command] of commands.entries()) {
      // While a decision is made the deny cache's clock stands still, as any clock nearly does.
      if (beginning !== undefined && (i === 0 || denyCache === 0))
        this.now = moved(this.now, command.move, this.options.subjects, this.last)
      clocks.push(this.now)
      starting.push(this.give(command, this.store))
      await untilAsked()
    }
    const answers = await Promise.all(starting)
    const told: Answer[] = []
    for (const [i, command] of commands.entries()) {
      const decision = decisionOf(answers[i])
      this.now = beginning === undefined ? (decision?.now ?? this.now) : (clocks[i] as number)
      this.asksStore = decision === undefined || Object.keys(decision.policies).length > 0
      told.push(await this.give(command, this.memory))
    }

    for (const [i, answer] of told.entries()) this.compareAnswers(answers[i], answer, commands.length > 1)
    if (denyCache === 0) same(this.store.outcomes, this.memory.outcomes, 'the integers')
    this.store.outcomes.length = this.memory.outcomes.length = 0
    await this.compareStates()
  }

  /** @param together with others of one turn */
  private compareAnswers(answer: Answer, told: Answer, together: boolean): void {
    const [mine, other] = [decisionOf(answer), decisionOf(told)]
    if (mine === undefined || other === undefined) {
      same(answer, told, 'the answer')
      return
    }
    const { denyCache, atomic = true } = this.options
    const isCached = denyCache !== 0 && mine.source === 'deny-cache'
    this.last = other
    if (isCached && together) {
      // It does not know yet what those before it in this turn have charged. A refusal it is all the same.
      same([mine.allowed, other.allowed], [false, false], 'the refusal')
      return
    }
    const isSplit = !atomic && new Set(Object.values(mine.policies).map((state) => state?.key)).size > 1
    same(mine, { ...other, source: isCached ? 'deny-cache' : 'store', atomic: !isSplit }, 'the decision')
    if (!isReservation(answer) || !isReservation(told) || !mine.allowed) return
    this.store.open.push(answer)
    this.memory.open.push(told)
  }

  private async compareStates(): Promise<void> {
    const policies = this.names.map((name, i) => ({ ...(this.watched[i] as Watched).policy, name }))
    const keyOf = keysOf(this.options.prefix, { name: NAME, policies })
    const places = policies.flatMap(({ name }, i) => ['a', 'b'].map((subject) => ({ name, i, subject })))
    const texts = await Promise.all(places.map(({ i, subject }) => this.options.read(keyOf(i, subject))))
    for (const [at, { name, i, subject }] of places.entries()) {
      const nobody = Object.fromEntries(this.names.map((name) => [name, null]))
      await this.memory.limiter.peek({ ...nobody, [name]: subject })
      const { policy, before } = this.watched[i] as Watched
      const kept = numbered(stateOf(texts[at] as string | null, policy), policy, this.store.ids)
      same(kept, numbered(before(), policy, this.memory.ids), `the state of ${name} of ${subject}`)
    }
    this.memory.outcomes.length = 0
  }

  private async give(
    { ask, parts, pick, atLimit, release }: Command,
    { limiter, open }: Side,
  ): Promise<Answer> {
    const { keys, limit, cost } = this.callOf(parts)
    const { subjects } = this.options
    if (ask === 'reset') return void (await limiter.reset(keys))
    if (ask === 'peek') return limiter.peek(keys, { limit, cost })
    if (ask === 'consume' && !subjects.some(holdsSlots)) return limiter.consume(keys, { limit, cost })
    if (ask === 'consume' || ask === 'reserve') return limiter.reserve(keys, { limit, cost })

    const place = pick % Math.max(1, open.length)
    if (ask === 'renew') return open[place]?.renew()
    const units = Object.fromEntries(
      Object.entries(cost).filter((_, i) => !holdsSlots(subjects[i] as Subject)),
    )
    if (ask === 'meter') return open[place]?.meter(units, { atLimit })
    if (ask === 'settle' && !release) return open[place]?.settle(units, { release })
    const [reservation] = open.splice(place, 1)
    return ask === 'cancel' ? reservation?.cancel() : reservation?.settle(units)
  }

  private callOf(parts: Command['parts']) {
    const { subjects } = this.options
    const of = <T>(value: (part: Command['parts'][number], subject: Subject, name: string) => T) =>
      Object.fromEntries(
        this.names.map((name, i) => [name, value(parts[i] as never, subjects[i] as Subject, name)]),
      )
    const limit = of(({ limit }, subject) => limitOf(limit, subject))
    return {
      keys: of(({ key }) => key),
      limit,
      cost: of(({ cost }, subject, name) =>
        units(cost, subject, limit[name] ?? subject.policy.limit, this.last?.policies[name]?.remaining),
      ),
    }
  }
}

function isReservation(answer: Answer): answer is Reservation {
  return typeof answer === 'object' && 'decision' in answer
}

function decisionOf(answer: Answer): Decision | undefined {
  if (typeof answer !== 'object') return undefined
  return 'decision' in answer ? answer.decision : answer
}

/** Metering and what follows it ask only a little later, though in the same turn. */
async function untilAsked(): Promise<void> {
  for (let i = 0; i < 10; i++) await undefined
}

/**
 * The same store, told twice of each adjustment that is to be made once, and noting what it answers, in the order in which it
 * was asked: nothing but integers.
 */
function recorded(store: Store, outcomes: Partial<Outcome>[]): Store {
  function note(answer: Outcome | Promise<Outcome>): void {
    const noted: Partial<Mutable<Outcome>> = {}
    outcomes.push(noted)
    const fill = ({ now, passed, results }: Outcome) => {
      noted.now = now
      noted.passed = passed
      noted.results = results.map(({ passed, reply }) => ({ passed, reply: [...reply] }))
    }
    if (answer instanceof Promise) void answer.then(fill, () => {})
    else fill(answer)
  }
  return {
    sync: store.sync,
    prepare(plan) {
      const apply = store.prepare(plan)
      return (ops, mode, now) => {
        const answer = apply(ops, mode, now)
        note(answer)
        if (mode === 'adjust' && ops[0]?.id !== undefined) note(apply(ops, mode, now))
        return answer
      }
    },
  }
}

/** The state that a text says, as memory keeps it. Nothing there is the same as nothing charged. */
function stateOf(text: string | null, { algorithm }: Policy): number[] {
  if (text === null) return algorithm.empty()
  const plain = text.replaceAll(';', ' ').trimEnd()
  const numbers = plain.split(' ').map(Number)
  same(numbers.join(' '), plain, 'the text of these numbers')
  const { inner } = algorithm.twin
  const [twin, beside] = typeof inner === 'object' ? [inner, 2] : [algorithm.twin, 0]
  if (twin.name !== 'log') return numbers
  const [older] = numbers.splice(3, 1)
  same(numbers.length, 3 + 2 * (older as number) + beside, 'the length of this log')
  return numbers
}

/** The same state, with numbers for the ids of its leases. */
function numbered(state: readonly number[], { algorithm }: Policy, ids: Map<number, number>): number[] {
  if (algorithm.lease === undefined) return [...state]
  return state.map((value, i) => {
    if (i === 0 || i % 3 !== 0) return value
    ids.set(value, ids.get(value) ?? ids.size)
    return ids.get(value) as number
  })
}
