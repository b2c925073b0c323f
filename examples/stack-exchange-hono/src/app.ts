import {
  allOf,
  byIp,
  createRateLimit,
  firstOf,
  penalty,
  quota,
  type RateLimitDefaults,
  slidingWindow,
} from '@spillway/hono'
import { type Context, Hono } from 'hono'
import { standing, violation, withQuota } from './answers.js'
import { type Caller, callerOf, error } from './caller.js'

interface AppEnv {
  Variables: { caller: Caller }
}

const byUser = (c: Context<AppEnv>) => c.get('caller').user
const byApp = (c: Context<AppEnv>) => c.get('caller').app

// Whose credentials are wrong is nobody, and not the address: nothing of its day is used or told.
const isSomebody = (c: Context<AppEnv>) => c.get('caller').problem === undefined

/**
 * Near its mark a route advises to back off. It only watches (`shadow`): what refuses are the pace and the day.
 * `/throttle` asks about every route.
 */
const advice = (path: string) => ({
  policy: slidingWindow({ limit: 20, window: '10s', warnAt: 0.8, shadow: true }),
  when: (c: Context<AppEnv>) => isSomebody(c) && [path, '/throttle'].includes(c.req.path),
})

export function createLimit(options: RateLimitDefaults<Context<AppEnv>> = {}) {
  return createRateLimit<AppEnv>(options)({
    name: 'api',
    key: firstOf(allOf(byUser, byApp), allOf(byApp, byIp()), byIp()),
    policies: {
      pace: {
        policy: penalty(slidingWindow({ limit: 30, window: '1s' }), { first: '30s', factor: 2, max: '1h' }),
        key: byIp(),
      },
      daily: {
        policy: quota({ limit: 10_000, period: 'day', timeZone: 'UTC' }),
        when: isSomebody,
        limit: (c) => (byApp(c) === undefined ? 300 : undefined),
      },
      questions: advice('/2.0/questions'),
      answers: advice('/2.0/answers'),
    },
    headers: [],
    status: { RATE_LIMIT_EXCEEDED: 503, QUOTA_EXCEEDED: 503 },
    body: violation,
  })
}

/** @param options the store to count in, and the clock of a test */
export function createApp(options: RateLimitDefaults<Context<AppEnv>> = {}) {
  const { clock = Date.now } = options
  const limit = createLimit(options)
  const app = new Hono<AppEnv>()

  app.use(async (c, next) => {
    const { key, access_token } = c.req.query()
    c.set('caller', callerOf(key, access_token, clock()))
    await next()
  })

  // In front of the limit, so that it answers whoever is throttled.
  app.all('/throttle', async (c) => c.json(standing(await limit.explain(c))))

  app.use(limit)
  app.use(async (c, next) => {
    const { problem } = c.get('caller')
    if (problem !== undefined) return c.json(problem, 400)
    return next()
  })

  const answer = (c: Context<AppEnv>, body: object) => withQuota(body, c.get('rateLimit'))

  app.get('/2.0/questions', (c) => c.json(answer(c, { items: [{ question_id: 1 }], has_more: false })))
  app.get('/2.0/answers', (c) => c.json(answer(c, { items: [{ answer_id: 2 }], has_more: false })))
  app.notFound((c) => c.json(answer(c, error(404, 'no_method', `no method at ${c.req.path}`)), 404))
  return app
}
