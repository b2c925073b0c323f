import {
  createRateLimit,
  memoryStore,
  quota,
  type RateLimitDefaults,
  slidingLog,
  slidingWindow,
  spikeArrest,
} from '@spillway/express'
import express, { type Request } from 'express'
import { keap, refusal } from './answers.js'
import { type Caller, callerOf } from './caller.js'

/** The store to count in, the clock of a test, and: */
export interface AppOptions extends RateLimitDefaults {
  /** Keap's `useEffectiveCount`: `'effective'` is true, what Keap runs, `'smooth'` is false. @default 'effective' */
  readonly spike?: 'effective' | 'smooth'
}

const isService = (req: Request) => req.caller.kind === 'service'
const forOAuth = (limit: number) => (req: Request) => (isService(req) ? undefined : limit)

const keyOf = ({ caller }: Request) => `${caller.kind}:${caller.account}`

/** The middlewares that limit: `smooth` first. */
export function createLimits({ spike = 'effective', ...options }: AppOptions = {}) {
  const limits = createRateLimit({ ...options, key: keyOf, body: refusal })

  const product = limits({
    name: 'product',
    policies: {
      // At most 5 in any second, counted over all processes, in one decision with the quotas.
      spike: {
        policy: slidingLog({ limit: 5, window: '1s' }),
        when: (req) => spike === 'effective' && isService(req),
      },
      second: { policy: slidingWindow({ limit: 10, window: '1s' }), when: isService },
      minute: { policy: slidingWindow({ limit: 240, window: '1m' }), limit: forOAuth(1_500) },
      day: { policy: quota({ limit: 30_000, period: 'day', timeZone: 'UTC' }), limit: forOAuth(150_000) },
    },
    headers: [keap],
  })

  // One per 200 ms, each process its own, so it counts in another place than the quotas, which a refusal only looks at.
  const smooth = limits({
    name: 'smooth',
    store: memoryStore(),
    policies: {
      spike: { policy: spikeArrest('5ps'), when: (req) => spike === 'smooth' && isService(req) },
    },
    headers: [],
    async onRefuse(req, res, _next, decision) {
      const key = keyOf(req)
      const keys = { spike: null, second: key, minute: key, day: key }
      const quotas = await product.limiter.peek(keys, { cost: 0 })
      if (quotas.source !== 'fallback') res.set(keap(quotas, []))
      res.json(refusal(decision))
    },
  })

  return { smooth, product }
}

export function createApp(options?: AppOptions) {
  const app = express().disable('x-powered-by').disable('etag')

  app.use((req, res, next) => {
    const caller = callerOf(req)
    if (caller === undefined) {
      const details = 'send X-Keap-API-Key: ..., or Authorization: Bearer ...'
      res.status(401).json({ code: '401', message: 'Invalid Credentials', status: 'Unauthorized', details })
      return
    }
    req.caller = caller
    next()
  })

  const { smooth, product } = createLimits(options)
  app.use(smooth, product)

  app.get('/v2/contacts', (_req, res) => {
    res.json({ contacts: [{ id: '1', given_name: 'Ada' }] })
  })
  app.post('/v2/contacts', (_req, res) => {
    res.status(201).json({ id: '2' })
  })
  app.use((req, res) => {
    const details = `there is no ${req.path}`
    res.status(404).json({ code: '404', message: 'Not Found', status: 'Not Found', details })
  })
  return app
}

declare global {
  namespace Express {
    interface Request {
      caller: Caller
    }
  }
}
