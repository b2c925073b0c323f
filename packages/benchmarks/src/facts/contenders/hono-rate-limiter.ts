import { Hono } from 'hono'
import { MemoryStore, RedisStore, rateLimiter, type Store } from 'hono-rate-limiter'
import type { Ask, Contender, Limit } from '../contender.js'
import { asking } from '../http.js'

function ask(limits: readonly Limit[], more: object, storeOf: (limit: Limit) => Store): Ask {
  const app = new Hono()
  for (const one of limits) {
    const { limit, windowMs } = one
    const keyGenerator = (c: { req: { header(name: string): string | undefined } }) =>
      c.req.header('x-forwarded-for') as string
    app.use(rateLimiter({ limit, windowMs, keyGenerator, store: storeOf(one), ...more }))
  }
  app.get('/', (c) => c.text('hello'))
  return asking((headers) => app.request('/', { headers }))
}

export const honoRateLimiter: Contender = {
  name: 'hono-rate-limiter',
  packages: ['hono-rate-limiter'],
  code: '/node_modules/hono-rate-limiter/',
  makes: {
    memory: {
      clock: 'process',
      keeps: 'memory',
      async make(limits, _stage, more = {}) {
        const stores: MemoryStore[] = []
        const asked = ask(limits, more, () => {
          const store = new MemoryStore()
          stores.push(store)
          return store
        })
        return {
          ask: asked,
          keys: () => stores.reduce((sum, s) => sum + s.previous.size + s.current.size, 0),
        }
      },
    },
    Redis: {
      clock: 'redis',
      keeps: 'redis',
      async make(limits, stage, more = {}) {
        const redis = await stage.redis()
        // It wants a client of the form that @upstash/redis has.
        const client = {
          scriptLoad: (script: string) => redis.script('LOAD', script) as Promise<string>,
          evalsha: <Args extends unknown[], Data>(sha: string, keys: string[], args: Args) =>
            redis.evalsha(sha, keys.length, ...keys, ...(args as string[])) as Promise<Data>,
          decr: (key: string) => redis.decr(key),
          del: (key: string) => redis.del(key),
        }
        const storeOf = ({ name }: Limit) => new RedisStore({ client, prefix: `${name}:` })
        return { ask: ask(limits, more, storeOf) }
      },
    },
  },
  several: 'middlewares in a row',
  byAddress: false,
}
