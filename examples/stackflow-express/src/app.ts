import { STATUS_CODES } from 'node:http'
import {
  type Decision,
  everyone,
  fixedWindow,
  type PolicyState,
  type RateLimitDefaults,
  rateLimit,
  requestIdOf,
  tokenBucket,
  xRateLimit,
} from '@spillway/express'
import express, { type NextFunction, type Request, type Response } from 'express'
import { askModel } from './model.js'
import { readToken, type Token, type User } from './token.js'

type Class = 'bulk' | 'ai' | 'search' | 'write' | 'standard'

/** A request belongs to one class: the first of these. */
function classOf({ method, path }: Request): Class {
  if (path.startsWith('/bulk/')) return 'bulk'
  if (path.startsWith('/ai/')) return 'ai'
  if (path.startsWith('/search')) return 'search'
  return ['POST', 'PATCH', 'DELETE'].includes(method) ? 'write' : 'standard'
}

/** A limit on one class, for each user whom we know; a service account has ten times as much. */
const perMinute = (name: Class, limit: number) => ({
  policy: fixedWindow({ limit, window: '1m', start: 'epoch' }),
  // `when` comes first.
  key: (req: Request) => (req.token.user as User).id,
  when: (req: Request) => req.token.user !== undefined && req.class === name,
  limit: (req: Request) => (req.token.user?.role === 'service_account' ? 10 * limit : undefined),
})

/** @param options the store to count in, and the clock of a test */
export function createApp(options: RateLimitDefaults = {}) {
  const { clock = Date.now } = options
  // Without case `/AI/x` would be an AI route that belongs to no AI class.
  const app = express().disable('x-powered-by').disable('etag').enable('case sensitive routing')

  app.use((req, _res, next) => {
    req.token = readToken(req.get('Authorization'), clock())
    req.class = classOf(req)
    next()
  })

  // One decision: what a user's limit refuses is not charged to the gateway either.
  app.use(
    rateLimit({
      ...options,
      name: 'stackflow',
      policies: {
        gateway: {
          policy: tokenBucket({ limit: 5_000, window: '1s', burst: 5_000, hidden: true, code: 'THROTTLED' }),
          key: everyone(),
        },
        bulk: perMinute('bulk', 10),
        ai: perMinute('ai', 60),
        search: perMinute('search', 120),
        write: perMinute('write', 60),
        standard: perMinute('standard', 300),
      },
      body: 'json',
    }),
  )

  // Whom we do not know the gateway alone has counted: its limit is shown, although it is hidden beside a user's.
  app.use((req, res, next) => {
    if (req.token.user !== undefined) return next()
    if (req.rateLimit) res.set(xRateLimit(shown(req.rateLimit)))
    fail(res, 401, req.token)
  })

  app.all(['/records', '/search', '/bulk/:job'], (req, res) => {
    res.json({ done: `${req.method} ${req.path}` })
  })

  // That the model is too busy for us is not the caller's fault, and no limit of theirs.
  app.all('/ai/:task', async (req, res) => {
    const answer = await askModel(req.params.task)
    if (answer.ok) res.json(await answer.json())
    else fail(res, 503, { code: 'AI_MODEL_ERROR', error: 'The model does not answer.', details: {} })
  })

  app.use((req, res) => {
    fail(res, 404, { code: 'NOT_FOUND', error: `There is no ${req.path}.`, details: {} })
  })
  app.use((cause: { status?: number }, _req: Request, res: Response, _next: NextFunction) => {
    const { status = 500 } = cause
    if (status === 500) console.error(cause)
    const code = status === 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST'
    fail(res, status, { code, error: STATUS_CODES[status] ?? code, details: {} })
  })
  return app
}

/** The same decision, with nothing hidden. */
function shown(decision: Decision): Decision {
  const policies = Object.entries(decision.policies as Record<string, PolicyState>)
  return {
    ...decision,
    policies: Object.fromEntries(policies.map(([name, { hidden: _, ...state }]) => [name, state])),
  }
}

/** The shape of every error, the limiter's `json` body too. */
function fail(
  res: Response,
  status: number,
  problem: { code: string; error: string; details: object },
): void {
  const { code, error, details } = problem
  res.status(status).json({ error, code, requestId: requestIdOf(res.req.get('X-Request-Id')), details })
}

declare global {
  namespace Express {
    interface Request {
      token: Token
      class: Class
    }
  }
}
