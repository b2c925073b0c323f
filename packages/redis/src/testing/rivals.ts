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
import { limitOf, units } from '../../../core/src/testing/track.js'
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
  readonly outcomes: Outcome[]
  /** Reservations that are still to be settled. */
  readonly open: Reservation[]
}

type Answer = Decision | Reservation | boolean | undefined

const NAME = 'rivals'

/** Gives the same commands to a store and to `memoryStore`, and compares all that they answer and all that they keep. */
export class Rivals {
  private readonly options: RivalOptions
  private readonly watched: readonly Watched[]
  private readonly names: readonly string[]
  private readonly store: Side
  private readonly memory: Side
  private now: number
  private last: Decision | undefined

  constructor(options: RivalOptions) {
    const { subjects, store, beginning, denyCache } = options
    this.options = options
    this.now = beginning ?? Date.now()
    this.names = subjects.map((_, i) => `p${i}`)
    this.watched = subjects.map(({ policy }) => watch(policy))
    const clock = () => this.now
    this.memory = this.side(memoryStore(), ({ policy }) => policy, { clock })
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
    const outcomes: Outcome[] = []
    const policies = Object.fromEntries(
      this.watched.map((watched, i) => [this.names[i] as string, policyOf(watched, i)]),
    )
    const limiter = createLimiter({ ...options, name: NAME, policies, store: recorded(store, outcomes) })
    return { limiter, outcomes, open: [] }
  }

  /** Starts these commands in one turn of the event loop. */
  async turn(commands: readonly Command[]): Promise<void> {
    const { beginning, denyCache } = this.options
    const clocks: number[] = []
    const starting = commands.map((command, i) => {
      // While a decision is made the deny cache's clock stands still, as any clock nearly does.
      if (beginning !== undefined && (i === 0 || denyCache === 0))
        this.now = moved(this.now, command.move, this.options.subjects, this.last)
      clocks.push(this.now)
      return this.give(command, this.store)
    })
    const answers = await Promise.all(starting)
    const told: Answer[] = []
    for (const [i, command] of commands.entries()) {
      const said = decisionOf(answers[i])?.now ?? this.store.outcomes.at(-1)?.now
      this.now = beginning === undefined ? (said ?? this.now) : (clocks[i] as number)
      told.push(await this.give(command, this.memory))
    }

    for (const [i, answer] of told.entries()) this.compareAnswers(answers[i], answer)
    if (denyCache === 0) same(this.store.outcomes, this.memory.outcomes, 'the integers')
    this.store.outcomes.length = this.memory.outcomes.length = 0
    await this.compareStates()
  }

  private compareAnswers(answer: Answer, told: Answer): void {
    const [mine, other] = [decisionOf(answer), decisionOf(told)]
    if (mine === undefined || other === undefined) {
      same(answer, told, 'the answer')
      return
    }
    const { denyCache, atomic = true } = this.options
    const isCached = denyCache !== 0 && mine.source === 'deny-cache'
    const isSplit = !atomic && new Set(Object.values(mine.policies).map((state) => state?.key)).size > 1
    same(mine, { ...other, source: isCached ? 'deny-cache' : 'store', atomic: !isSplit }, 'the decision')
    this.last = other
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
      same(stateOf(texts[at] as string | null, policy), before(), `the state of ${name} of ${subject}`)
    }
    this.memory.outcomes.length = 0
  }

  private async give({ ask, parts, pick }: Command, { limiter, open }: Side): Promise<Answer> {
    const { keys, limit, cost } = this.callOf(parts)
    if (ask === 'reset') return void (await limiter.reset(keys))
    if (ask !== 'settle' && ask !== 'cancel') return limiter[ask](keys, { limit, cost })
    const [reservation] = open.splice(pick % Math.max(1, open.length), 1)
    return ask === 'cancel' ? reservation?.cancel() : reservation?.settle(cost)
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

/** The same store, noting what it answers: nothing but integers. */
function recorded(store: Store, outcomes: Outcome[]): Store {
  const note = ({ now, passed, results }: Outcome) =>
    outcomes.push({
      now,
      passed,
      results: results.map(({ passed, reply }) => ({ passed, reply: [...reply] })),
    })
  return {
    sync: store.sync,
    prepare(plan) {
      const apply = store.prepare(plan)
      return (...call) => {
        const outcome = apply(...call)
        if (outcome instanceof Promise) void outcome.then(note, () => {})
        else note(outcome)
        return outcome
      }
    },
  }
}

/** The state that a text says, as memory keeps it. Nothing there is the same as nothing charged. */
function stateOf(text: string | null, { algorithm }: Policy): number[] {
  if (text === null) return algorithm.empty()
  const numbers = text.split(' ').map(Number)
  same(numbers.join(' '), text, 'the text of these numbers')
  if (algorithm.twin.name !== 'log') return numbers
  const [older] = numbers.splice(3, 1)
  same(numbers.length, 3 + 2 * (older as number), 'the length of this log')
  return numbers
}
