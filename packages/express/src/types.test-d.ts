import express, { type NextFunction, type Request, type Response } from 'express'
import { describe, expectTypeOf, it } from 'vitest'
import {
  allOf,
  byApiKey,
  byHeader,
  byIp,
  byRoute,
  concurrency,
  createLimiter,
  createRateLimit,
  type Decision,
  type Explanation,
  everyone,
  firstOf,
  method,
  type PolicyState,
  type RequestRateLimit,
  rateLimit,
  slidingWindow,
} from './index.js'

declare const req: Request
const policy = slidingWindow({ limit: 1, window: '1m' })
const WINDOW = { limit: 1, window: '1m' } as const

describe('policy names', () => {
  it('are those of the policies, each of which a request may leave out', () => {
    const limit = rateLimit({ policies: { user: policy, writes: { policy, when: method('POST') } } })
    const policies = limit.decision(req)?.policies
    expectTypeOf<keyof NonNullable<typeof policies>>().toEqualTypeOf<'user' | 'writes'>()
    expectTypeOf(policies?.user).toEqualTypeOf<PolicyState | undefined>()
    // @ts-expect-error no policy has this name
    policies?.users
    expectTypeOf(limit.explain(req)).toEqualTypeOf<Promise<Explanation<'user' | 'writes'>>>()
    expectTypeOf(limit.limiter.policies).toHaveProperty('writes')
    // @ts-expect-error no policy has this name
    limit.limiter.reset({ users: 'ann' })
  })

  it('are the name of the limiter, or `default`, where it has one policy', () => {
    const named = rateLimit({ ...WINDOW, name: 'standard' })
    expectTypeOf(named.decision(req)?.policy).toEqualTypeOf<'standard' | undefined>()
    expectTypeOf(named.decision(req)?.policies.standard).toEqualTypeOf<PolicyState | undefined>()
    const unnamed = rateLimit({ policy })
    expectTypeOf(unnamed.decision(req)?.policy).toEqualTypeOf<'default' | undefined>()
  })

  it('are those of a limiter that you built', () => {
    const limiter = createLimiter({ policies: { minute: policy, day: policy } })
    const limit = rateLimit({ limiter, cost: () => ({ day: 2 }) })
    expectTypeOf(limit.decision(req)?.policy).toEqualTypeOf<'minute' | 'day' | undefined>()
    // @ts-expect-error no policy has this name
    rateLimit({ limiter, cost: { hour: 1 } })
  })

  it('are any behind req.rateLimit', () => {
    expectTypeOf(req.rateLimit).toEqualTypeOf<RequestRateLimit | undefined>()
    expectTypeOf(req.rateLimit?.policies['any']).toEqualTypeOf<PolicyState | undefined>()
  })
})

describe('what a handler has', () => {
  it('is the decision, and what may be done with what was charged', () => {
    rateLimit({ policy: concurrency({ limit: 5, lease: '10s' }) })
    const limit = req.rateLimit as RequestRateLimit
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
    const own = limit.decision(req)
    expectTypeOf(own).toEqualTypeOf<RequestRateLimit<'user' | 'tokens', 'user' | 'tokens'> | undefined>()
    own?.settle({ tokens: 640 })
    own?.meter({ tokens: 1 }, { atLimit: 'finish' })
    // @ts-expect-error no policy has this name
    own?.settle({ tokns: 1 })
    const named = rateLimit({ ...WINDOW, name: 'standard' }).decision(req)
    // @ts-expect-error no policy has this name
    named?.settle({ default: 1 })
  })
})

describe('options', () => {
  it('know their requests', () => {
    rateLimit({ ...WINDOW, key: (req) => req.ip ?? 'nobody', skip: (req) => req.path === '/health' })
    rateLimit({
      limit: async (req) => Number(req.get('x-limit')),
      window: '1m',
      cost: (req) => req.body.length,
    })
    rateLimit({
      policies: {
        user: { policy, key: (req) => req.hostname, limit: (req) => (req.secure ? 9 : undefined) },
      },
    })
    rateLimit({ ...WINDOW, body: (decision, req) => ({ code: decision.code, path: req.path }) })
    rateLimit({ ...WINDOW, refund: ({ status, aborted }) => !aborted && status === 404 })
    createRateLimit({ key: (req) => req.ip ?? 'nobody' })({ policy })
  })

  it('hand onRefuse what Express hands to a handler, and the decision', () => {
    rateLimit({
      ...WINDOW,
      onRefuse(req, res, next, decision) {
        expectTypeOf(req.get('x')).toEqualTypeOf<string | undefined>()
        expectTypeOf(res).toEqualTypeOf<Response>()
        expectTypeOf(next).toEqualTypeOf<NextFunction>()
        expectTypeOf(decision).toEqualTypeOf<Decision>()
      },
    })
  })

  it('are those of the limiter too, also as shared defaults', () => {
    const limits = createRateLimit({ deadline: '20ms', fallback: 'allow', denyCache: 0, onError() {} })
    limits({ ...WINDOW, fallback: 'local' })
    createRateLimit({ onWarn: ({ limiter, key }) => console.warn(limiter, key) })
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
    // @ts-expect-error a rule without a policy
    rateLimit({ policies: { user: { key: everyone() } } })
    // @ts-expect-error express-rate-limit's name
    rateLimit({ ...WINDOW, keyGenerator: () => 'one' })
    // @ts-expect-error an option of Koa and Hono
    rateLimit({ ...WINDOW, errors: 'throw' })
    // @ts-expect-error two forms
    rateLimit({ limit: 1, window: '1m', policies: { user: policy } })
    // @ts-expect-error no form
    rateLimit({ key: everyone() })
    // @ts-expect-error no such dialect
    rateLimit({ ...WINDOW, headers: ['draft-6'] })
    // @ts-expect-error no such code
    rateLimit({ ...WINDOW, status: { QUOTA: 403 } })
    // @ts-expect-error a unit that does not exist
    rateLimit({ limit: 1, window: '1 fortnight' })
    // @ts-expect-error what belongs to the limiter that you built
    rateLimit({ limiter: createLimiter({ policies: { a: policy } }), clock: Date.now })
  })
})

describe('extractors', () => {
  it('that may find nothing go into firstOf, before one that always yields', () => {
    const known = byApiKey({ verify: (apiKey, req) => apiKey === req.get('x-expected') })
    rateLimit({ ...WINDOW, key: firstOf(known, byHeader('x-user'), (req) => req.get('x-team'), byIp()) })
    // @ts-expect-error the last may find nothing
    firstOf(known)
    // @ts-expect-error the last may find nothing
    firstOf(byIp(), (req) => req.get('x-user'))
    // @ts-expect-error it may find nothing
    rateLimit({ ...WINDOW, key: known })
    // @ts-expect-error it may find nothing
    rateLimit({ ...WINDOW, key: (req) => req.get('x-user') })
    rateLimit({ ...WINDOW, key: firstOf(allOf(known, byHeader('x-user')), allOf(byRoute(), byIp())) })
    // @ts-expect-error it may find nothing
    rateLimit({ ...WINDOW, key: allOf(byIp(), known) })
    // @ts-expect-error a key that nobody issued is no identity
    byApiKey({})
  })
})

describe('a route', () => {
  const limit = rateLimit(WINDOW)

  it('keeps the types of its params behind a limiter', () => {
    express()
      .use(limit)
      .get('/users/:id/posts/:post', limit, (req) => {
        expectTypeOf(req.params.id).toEqualTypeOf<string>()
        expectTypeOf(req.params.post).toEqualTypeOf<string>()
        // @ts-expect-error no param has this name
        req.params.user
      })
  })

  it('keeps the types that a handler has of its own', () => {
    type Body = { name: string }
    express().post(
      '/users/:id',
      limit,
      (req: Request<{ id: string }, string, Body>, res: Response<string>) => {
        res.send(req.body.name + req.params.id)
      },
    )
    express.Router().use('/users', limit, limit)
  })
})
