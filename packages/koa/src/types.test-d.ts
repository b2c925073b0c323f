import Router from '@koa/router'
import Koa, { type DefaultState, type Next, type ParameterizedContext } from 'koa'
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

declare const ctx: ParameterizedContext
const policy = slidingWindow({ limit: 1, window: '1m' })
const WINDOW = { limit: 1, window: '1m' } as const

interface AppState extends DefaultState {
  user?: { id: string; plan: 'free' | 'paid' }
}
interface AppContext {
  locale: 'en' | 'de'
}

describe('policy names', () => {
  it('are those of the policies, each of which a request may leave out', () => {
    const limit = rateLimit({ policies: { user: policy, writes: { policy, when: method('POST') } } })
    const policies = limit.decision(ctx)?.policies
    expectTypeOf<keyof NonNullable<typeof policies>>().toEqualTypeOf<'user' | 'writes'>()
    expectTypeOf(policies?.user).toEqualTypeOf<PolicyState | undefined>()
    // @ts-expect-error no policy has this name
    policies?.users
  })

  it('are the name of the limiter, or those of one that you built', () => {
    const named = rateLimit({ ...WINDOW, name: 'standard' })
    expectTypeOf(named.decision(ctx)?.policies.standard).toEqualTypeOf<PolicyState | undefined>()
    const limiter = createLimiter({ policies: { minute: policy, day: policy } })
    expectTypeOf(rateLimit({ limiter }).limiter.policies).toHaveProperty('day')
  })

  it('are any behind ctx.state.rateLimit', () => {
    expectTypeOf(ctx.state.rateLimit).toEqualTypeOf<RequestRateLimit | undefined>()
    new Koa<AppState>().use((ctx) => {
      expectTypeOf(ctx.state.rateLimit?.policies['any']).toEqualTypeOf<PolicyState | undefined>()
    })
  })
})

describe("an app's own types", () => {
  const limits = createRateLimit<AppState, AppContext>({
    key: firstOf((ctx) => ctx.state.user?.id, byIp()),
    skip: (ctx) => ctx.state.user?.plan === 'paid' && ctx.locale === 'de',
  })

  it('are those of every function', () => {
    limits({
      policies: {
        user: {
          policy,
          key: (ctx) => ctx.state.user?.id ?? 'nobody',
          limit: (ctx) => (ctx.state.user?.plan === 'paid' ? 9 : undefined),
          when: (ctx) => ctx.locale === 'en',
          // @ts-expect-error no plan has this name
          cost: (ctx) => (ctx.state.user?.plan === 'payd' ? 1 : 2),
        },
      },
      onRefuse(ctx, next, decision) {
        expectTypeOf(ctx.state.user).toEqualTypeOf<AppState['user']>()
        expectTypeOf(ctx.locale).toEqualTypeOf<'en' | 'de'>()
        expectTypeOf(next).toEqualTypeOf<Next>()
        expectTypeOf(decision).toEqualTypeOf<Decision>()
      },
    })
  })

  it('go together with apps and routers of these types, and of others', () => {
    const limit = limits(WINDOW)
    new Koa<AppState, AppContext>().use(limit)
    new Koa().use(limit)
    new Router<AppState, AppContext>().get('/users/:id', limit, (ctx) => {
      expectTypeOf(ctx.state.user).toEqualTypeOf<AppState['user']>()
      expectTypeOf(ctx.locale).toEqualTypeOf<'en' | 'de'>()
    })
    new Router().get('/users/:id', limit)
  })
})

describe('what a handler has', () => {
  it('is the decision, and what may be done with what was charged', () => {
    rateLimit({ policy: concurrency({ limit: 5, lease: '10s' }) })
    const limit = ctx.state.rateLimit as RequestRateLimit
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
    const own = limit.decision(ctx)
    expectTypeOf(own).toEqualTypeOf<RequestRateLimit<'user' | 'tokens', 'user' | 'tokens'> | undefined>()
    own?.settle({ tokens: 640 })
    own?.meter({ tokens: 1 }, { atLimit: 'finish' })
    // @ts-expect-error no policy has this name
    own?.settle({ tokns: 1 })
    const named = rateLimit({ ...WINDOW, name: 'standard' }).decision(ctx)
    // @ts-expect-error no policy has this name
    named?.settle({ default: 1 })
  })
})

describe('options', () => {
  it('know their contexts', () => {
    rateLimit({ ...WINDOW, key: (ctx) => ctx.ip, cost: async (ctx) => ctx.request.length ?? 1 })
    rateLimit({
      ...WINDOW,
      errors: 'throw',
      onRefuse(ctx, next, decision) {
        expectTypeOf(ctx.request.method).toEqualTypeOf<string>()
        expectTypeOf(ctx.state.rateLimit).toEqualTypeOf<RequestRateLimit | undefined>()
        expectTypeOf(next).toEqualTypeOf<Next>()
        expectTypeOf(decision).toEqualTypeOf<Decision>()
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
    // @ts-expect-error an option of another library
    rateLimit({ ...WINDOW, throw: true })
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
    const known = byApiKey({ verify: (apiKey, ctx) => apiKey === ctx.get('x-expected') })
    rateLimit({ ...WINDOW, key: firstOf(known, byIp()) })
    // @ts-expect-error the last may find nothing
    firstOf(known)
    // @ts-expect-error it may find nothing
    rateLimit({ ...WINDOW, key: known })
  })
})
