import { describe, expectTypeOf, it } from 'vitest'
import {
  createLimiter,
  type Decision,
  type Duration,
  type Fallback,
  fixedWindow,
  type Limiter,
  leakyBucket,
  memoryStore,
  type PolicyExplanation,
  type PolicyState,
  quota,
  type Reservation,
  type SpillwayError,
  type Store,
  type SyncLimiter,
  type SyncStore,
  slidingLog,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from './index.js'

const policies = {
  burst: tokenBucket({ limit: 10, window: '1s', burst: 20 }),
  minute: slidingWindow({ limit: 300, window: '1m' }),
  day: quota({ limit: 10_000, period: 'day' }),
}
const limiter = createLimiter({ policies })
type Name = 'burst' | 'minute' | 'day'
declare const store: Store

describe('an explanation', () => {
  it('names every policy, counted or not', async () => {
    const { policy, policies, code } = await limiter.explain(
      { burst: 'k', minute: null, day: 'k' },
      { cost: 2 },
    )
    expectTypeOf(policy).toEqualTypeOf<Name | null>()
    expectTypeOf(policies).toEqualTypeOf<Readonly<Record<Name, PolicyExplanation>>>()
    expectTypeOf(code).toEqualTypeOf<Decision['code']>()
    const { minute } = policies
    if (minute.counted) expectTypeOf(minute).toExtend<PolicyState>()
    else expectTypeOf(minute.reason).toEqualTypeOf<'key' | 'limit' | 'when' | 'skip' | 'store'>()
    // @ts-expect-error a key for each policy
    limiter.explain({ burst: 'k' })
  })
})

describe('a warning', () => {
  it('names the policies of its limiter', () => {
    createLimiter({
      policies,
      onWarn({ policy, key, used }) {
        expectTypeOf(policy).toEqualTypeOf<Name>()
        expectTypeOf([key, used]).toEqualTypeOf<(string | number)[]>()
      },
    })
    slidingWindow({ limit: 1, window: '1m', warnAt: 0.8 })
    // @ts-expect-error a share
    slidingWindow({ limit: 1, window: '1m', warnAt: '80%' })
  })
})

describe('a decision', () => {
  const decision = limiter.consumeSync('user:42')

  it('names the policies of its limiter', () => {
    expectTypeOf(decision).toEqualTypeOf<Decision<Name>>()
    expectTypeOf(decision.policy).toEqualTypeOf<Name>()
    expectTypeOf(decision.policies).toEqualTypeOf<Readonly<Record<Name, PolicyState>>>()
    expectTypeOf(decision.policies.minute.remaining).toEqualTypeOf<number>()
    // @ts-expect-error there is no such policy
    decision.policies.hour
  })

  it('tells what decided', () => {
    expectTypeOf(decision.source).toEqualTypeOf<'store' | 'deny-cache' | 'local' | 'fallback'>()
  })

  it('tells by `allowed` what is in it', () => {
    if (decision.allowed) {
      expectTypeOf(decision.code).toEqualTypeOf<'OK'>()
      expectTypeOf(decision.retryAfterMs).toEqualTypeOf<0>()
    } else {
      expectTypeOf(decision.code).toExtend<string>()
      expectTypeOf(decision.code).not.toExtend<'OK'>()
      expectTypeOf(decision.retryAfterMs).toEqualTypeOf<number | null>()
    }
  })

  it('may lack a policy that a null or a limit leaves out', async () => {
    const byKey = await limiter.consume({ burst: 'ip', minute: 'user', day: null })
    expectTypeOf(byKey).toEqualTypeOf<Decision<Name, 'day'>>()
    expectTypeOf(byKey.policies.day).toEqualTypeOf<PolicyState | undefined>()
    expectTypeOf(byKey.policies.burst).toEqualTypeOf<PolicyState>()

    const perhaps = limiter.consumeSync({ burst: 'ip', minute: null as string | null, day: 'user' })
    expectTypeOf(perhaps.policies.minute).toEqualTypeOf<PolicyState | undefined>()

    const byLimit = limiter.consumeSync('user', { limit: { minute: Number.POSITIVE_INFINITY } })
    expectTypeOf(byLimit.policies.minute).toEqualTypeOf<PolicyState | undefined>()
    expectTypeOf(byLimit.policies.day).toEqualTypeOf<PolicyState>()

    const byOne = limiter.consumeSync('user', { limit: 5 as number })
    expectTypeOf(byOne.policies.day).toEqualTypeOf<PolicyState | undefined>()

    const byCost = limiter.consumeSync('user', { cost: { minute: 3 } })
    expectTypeOf(byCost).toEqualTypeOf<Decision<Name>>()
  })

  it('is the same of peek and reserve', async () => {
    expectTypeOf(await limiter.peek('user')).toEqualTypeOf<Decision<Name>>()
    const held = await limiter.reserve({ burst: null, minute: 'user', day: 'user' })
    expectTypeOf(held).toEqualTypeOf<Reservation<Name, 'burst'>>()
    expectTypeOf(held.decision.policies.burst).toEqualTypeOf<PolicyState | undefined>()
  })

  it('is not there before it is awaited', () => {
    // @ts-expect-error a promise has no verdict
    limiter.consume('user').allowed
    // @ts-expect-error a promise has no verdict
    const { allowed } = limiter.peek('user')
    // @ts-expect-error a promise has no decision
    limiter.reserve('user').decision.allowed
    // @ts-expect-error a promise is no decision
    const decision: Decision<Name> = limiter.consume('user')
    // @ts-expect-error a promise would always be true
    const verdict = limiter.consume('user') ? 'admitted' : 'refused'
    expectTypeOf({ allowed, decision, verdict }).toBeObject()
  })

  it('of a limiter with unknown names is not certain of any', () => {
    const any = {} as Limiter
    expectTypeOf(any.consume('k')).resolves.toExtend<{ allowed: boolean }>()
  })
})

describe('a call', () => {
  it('takes no other names than those of the policies', () => {
    // @ts-expect-error a key record names every policy
    limiter.consume({ burst: 'ip', minute: 'user' })
    // @ts-expect-error a typo leaves one out
    limiter.consume({ burst: 'ip', minute: 'user', dya: 'user' })
    // @ts-expect-error there is no such policy
    limiter.consume('user', { cost: { hour: 1 } })
    // @ts-expect-error there is no such policy
    limiter.consume('user', { limit: { hour: 1 } })
    // @ts-expect-error there is no such policy
    limiter.reset({ hour: 'user' })
    // @ts-expect-error there is no such option
    limiter.consume('user', { costs: 1 })
    limiter.reset({ minute: 'user', day: null })
  })

  it('takes no other values', async () => {
    // @ts-expect-error a key is a string
    limiter.consume(42)
    // @ts-expect-error a key is never undefined
    limiter.consume({ burst: undefined, minute: 'user', day: 'user' })
    // @ts-expect-error a cost is a number
    limiter.consume('user', { cost: '1' })
    const held = await limiter.reserve('user')
    held.settle({ day: 640 })
    // @ts-expect-error there is no such policy
    held.settle({ hour: 640 })
    limiter.consume('user', { cost: undefined, limit: { minute: undefined } })
  })
})

describe('createLimiter', () => {
  it('gives consumeSync on a synchronous store only', () => {
    expectTypeOf(limiter).toEqualTypeOf<SyncLimiter<Name>>()
    const memory = createLimiter({ name: 'api', policies, store: memoryStore() })
    expectTypeOf(memory).toEqualTypeOf<SyncLimiter<Name>>()
    const own = createLimiter({ name: 'api', policies, store: {} as SyncStore })
    expectTypeOf(own).toEqualTypeOf<SyncLimiter<Name>>()
    const either = createLimiter({ name: 'api', policies, store: {} as Store | SyncStore })
    // @ts-expect-error its store may answer later
    either.consumeSync('user')
    const other = createLimiter({ name: 'api', policies, store })
    expectTypeOf(other).toEqualTypeOf<Limiter<Name>>()
    // @ts-expect-error its store answers later
    other.consumeSync('user')
  })

  it('takes policies that a factory made', () => {
    // @ts-expect-error this is none
    createLimiter({ policies: { api: { limit: 1, window: '1m' } } })
    // @ts-expect-error there is no such option
    createLimiter({ policies, windowMs: 1000 })
  })

  it('tells onDecision by the same names', () => {
    createLimiter({
      policies,
      onDecision: ({ policy, policies }) => {
        expectTypeOf(policy).toEqualTypeOf<Name>()
        expectTypeOf(policies.day).toEqualTypeOf<PolicyState | undefined>()
      },
    })
  })

  it('takes what surrounds an asynchronous store', () => {
    createLimiter({
      name: 'api',
      policies,
      store,
      deadline: '50ms',
      fallback: 'deny',
      denyCache: '2s',
      onError: (error) => {
        expectTypeOf(error).toEqualTypeOf<SpillwayError>()
      },
    })
    createLimiter({ policies, denyCache: 0, deadline: 2000 })
    expectTypeOf<Fallback>().toEqualTypeOf<'local' | 'allow' | 'deny'>()
    // @ts-expect-error there is no such fallback
    createLimiter({ policies, fallback: 'open' })
    // @ts-expect-error a deadline is a duration
    createLimiter({ policies, deadline: '50' })
    // @ts-expect-error it is turned off by 0
    createLimiter({ policies, denyCache: false })
  })
})

describe('a policy', () => {
  it('takes durations as they are written', () => {
    expectTypeOf<'10s' | '10 s' | '250ms' | '1d' | 60_000>().toExtend<Duration>()
    // @ts-expect-error weeks are none
    slidingWindow({ limit: 1, window: '1w' })
    // @ts-expect-error months are none
    slidingWindow({ limit: 1, window: '1M' })
  })

  it('takes its own options only', () => {
    // @ts-expect-error there is no such option
    slidingWindow({ limit: 1, window: '1m', burst: 2 })
    // @ts-expect-error a limit is written
    tokenBucket({ window: '1m' })
    // @ts-expect-error a queue is written
    leakyBucket({ limit: 1, window: '1m' })
    // @ts-expect-error there is no such start
    fixedWindow({ limit: 1, window: '1m', start: 'now' })
    // @ts-expect-error refusals would fill its log
    slidingLog({ limit: 1, window: '1m', chargeRefused: true })
    // @ts-expect-error calls are per second or per minute
    spikeArrest('5ph')
    // @ts-expect-error a quota has a period
    quota({ limit: 1, window: '1d' })
    // @ts-expect-error this code is not a policy's own
    slidingWindow({ limit: 1, window: '1m', code: 'COST_EXCEEDS_LIMIT' })
  })
})
