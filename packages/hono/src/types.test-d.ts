import { type Context, Hono, type Next } from 'hono'
import { describe, expectTypeOf, it } from 'vitest'
import {
  byApiKey,
  byIp,
  concurrency,
  createLimiter,
  createRateLimit,
  type Decision,
  everyone,
  firstOf,
  method,
  type PolicyState,
  type RequestRateLimit,
  rateLimit,
  slidingWindow,
} from './index.js'

declare const c: Context
const policy = slidingWindow({ limit: 1, window: '1m' })
const WINDOW = { limit: 1, window: '1m' } as const

type AppEnv = {
  Bindings: { FREE_LIMIT: number }
  Variables: { user: { id: string; plan: 'free' | 'paid' } }
}

describe('policy names', () => {
  it('are those of the policies, each of which a request may leave out', () => {
    const limit = rateLimit({ policies: { user: policy, writes: { policy, when: method('POST') } } })
    const policies = limit.decision(c)?.policies
    expectTypeOf<keyof NonNullable<typeof policies>>().toEqualTypeOf<'user' | 'writes'>()
    expectTypeOf(policies?.user).toEqualTypeOf<PolicyState | undefined>()
    // @ts-expect-error no policy has this name
    policies?.users
  })

  it('are the name of the limiter, or those of one that you built', () => {
    const named = rateLimit({ ...WINDOW, name: 'standard' })
    expectTypeOf(named.decision(c)?.policies.standard).toEqualTypeOf<PolicyState | undefined>()
    const limiter = createLimiter({ policies: { minute: policy, day: policy } })
    expectTypeOf(rateLimit({ limiter }).limiter.policies).toHaveProperty('day')
  })
})

describe("c.get('rateLimit')", () => {
  const limit = rateLimit(WINDOW)

  it('is typed without an environment', () => {
    new Hono().use(limit).get('/', (c) => {
      expectTypeOf(c.get('rateLimit')).toEqualTypeOf<RequestRateLimit | undefined>()
      expectTypeOf(c.var.rateLimit).toEqualTypeOf<RequestRateLimit | undefined>()
      return c.text('ok')
    })
    const app = new Hono()
    app.use(limit)
    app.get('/users/:id', limit, (c) => {
      expectTypeOf(c.get('rateLimit')).toEqualTypeOf<RequestRateLimit | undefined>()
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>()
      return c.text('ok')
    })
  })

  it("is typed with an app's own, whose variables keep their types", () => {
    const app = new Hono<AppEnv>()
    app.use(limit)
    app.use('/api/*', limit)
    app.get('/', (c) => {
      expectTypeOf(c.get('rateLimit')).toEqualTypeOf<RequestRateLimit | undefined>()
      expectTypeOf(c.get('user')).toEqualTypeOf<AppEnv['Variables']['user']>()
      expectTypeOf(c.env.FREE_LIMIT).toEqualTypeOf<number>()
      return c.text('ok')
    })
    app.get('/users/:id', limit, (c) => {
      expectTypeOf(c.get('rateLimit')).toEqualTypeOf<RequestRateLimit | undefined>()
      expectTypeOf(c.get('user').plan).toEqualTypeOf<'free' | 'paid'>()
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>()
      return c.text('ok')
    })
  })
})

describe("an app's own types", () => {
  const limits = createRateLimit<AppEnv>({ key: byIp() })

  it('are those of every function', () => {
    limits({
      policies: {
        user: {
          policy,
          key: (c) => c.get('user').id,
          limit: (c) => (c.get('user').plan === 'paid' ? undefined : c.env.FREE_LIMIT),
          when: (c) => c.var.user.plan === 'free',
          // @ts-expect-error no plan has this name
          cost: (c) => (c.get('user').plan === 'payd' ? 1 : 2),
        },
      },
      onRefuse(c, next, decision) {
        expectTypeOf(c.get('user')).toEqualTypeOf<AppEnv['Variables']['user']>()
        expectTypeOf(next).toEqualTypeOf<Next>()
        expectTypeOf(decision).toEqualTypeOf<Decision>()
        return c.json({ policy: decision.policy })
      },
    })
    createRateLimit<AppEnv>({ key: (c) => c.get('user').id, skip: (c) => c.get('user').plan === 'paid' })
    // @ts-expect-error no variable has this name
    createRateLimit<AppEnv>({ key: (c) => c.get('users').id })
  })

  it('go together with apps of these types, and of others', () => {
    const limit = limits(WINDOW)
    new Hono<AppEnv>().use(limit).get('/', limit, (c) => c.text('ok'))
    new Hono().use(limit)
  })
})

describe('what a handler has', () => {
  it('is the decision, and what may be done with what was charged', () => {
    rateLimit({ policy: concurrency({ limit: 5, lease: '10s' }) })
    const limit = c.get('rateLimit') as RequestRateLimit
    expectTypeOf(limit).toExtend<Decision>()
    if (!limit.allowed) expectTypeOf(limit.retryAfterMs).toEqualTypeOf<number | null>()
    expectTypeOf(limit.settle({ tokens: 640 })).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(limit.settle(0)).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(limit.meter({ tokens: 40 }, { atLimit: 'finish' })).toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(limit.hold(Promise.resolve('rows'))).toEqualTypeOf<Promise<string>>()
    expectTypeOf(limit.signal).toEqualTypeOf<AbortSignal>()
    // @ts-expect-error it keeps until something has settled
    limit.hold('rows')
    // @ts-expect-error units are numbers
    limit.settle({ tokens: '640' })
  })

  it('has the names of its policies where a limiter is asked', () => {
    const limit = rateLimit({ policies: { user: policy, tokens: policy } })
    const own = limit.decision(c)
    expectTypeOf(own).toEqualTypeOf<RequestRateLimit<'user' | 'tokens', 'user' | 'tokens'> | undefined>()
    own?.settle({ tokens: 640 })
    own?.meter({ tokens: 1 }, { atLimit: 'finish' })
    // @ts-expect-error no policy has this name
    own?.settle({ tokns: 1 })
    const named = rateLimit({ ...WINDOW, name: 'standard' }).decision(c)
    // @ts-expect-error no policy has this name
    named?.settle({ default: 1 })
  })
})

describe('options', () => {
  it('hand onRefuse what Hono hands to a middleware, and the decision', () => {
    rateLimit({
      ...WINDOW,
      errors: 'throw',
      async onRefuse(c, next, decision) {
        expectTypeOf(c).toExtend<Context>()
        expectTypeOf(next).toEqualTypeOf<Next>()
        expectTypeOf(decision).toEqualTypeOf<Decision>()
        return c.redirect('/login')
      },
    })
  })

  it('are those of the limiter too, also as shared defaults', () => {
    const limits = createRateLimit({ deadline: '20ms', fallback: 'allow', denyCache: 0, onError() {} })
    limits({ ...WINDOW, fallback: 'local' })
    rateLimit({ ...WINDOW, deadline: '20ms', onError: ({ code, cause }) => console.warn(code, cause) })
    // @ts-expect-error there is no such fallback
    createRateLimit({ fallback: 'open' })
    // @ts-expect-error it is no middleware, and takes what limiters share
    createRateLimit({ limit: 1, window: '1m' })
    // @ts-expect-error it belongs to the limiter that you built
    rateLimit({ limiter: createLimiter({ policies: { a: policy } }), deadline: '20ms' })
  })

  it('are those that exist', () => {
    // @ts-expect-error a slip in a rule
    rateLimit({ policies: { user: { policy, wen: method('POST') } } })
    // @ts-expect-error hono-rate-limiter's name
    rateLimit({ ...WINDOW, keyGenerator: () => 'one' })
    // @ts-expect-error two forms
    rateLimit({ limit: 1, window: '1m', policies: { user: policy } })
    // @ts-expect-error no form
    rateLimit({ key: everyone() })
    // @ts-expect-error neither way to fail
    rateLimit({ ...WINDOW, errors: 'next' })
  })
})

describe('extractors', () => {
  it('that may find nothing go into firstOf, before one that always yields', () => {
    const known = byApiKey({ verify: (apiKey, c) => apiKey === c.req.header('x-expected') })
    rateLimit({ ...WINDOW, key: firstOf(known, (c) => c.req.header('x-team'), byIp()) })
    // @ts-expect-error the last may find nothing
    firstOf(known)
    // @ts-expect-error it may find nothing
    rateLimit({ ...WINDOW, key: known })
  })
})
