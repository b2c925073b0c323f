import { memoryStore, type Policy, rateLimit, slidingWindow } from '@spillway/express'
import { redisOptions, redisStore } from '@spillway/redis'
import express from 'express'
import type { Contender, Limit, Make } from '../contender.js'
import { overHttp } from '../http.js'
import type { Stage } from '../stage.js'

const MAX_KEYS = 25

function ask(limits: readonly Limit[], stage: Stage, options: object) {
  const policies = Object.fromEntries(
    limits.map(({ name, limit, windowMs }): [string, Policy] => [
      name,
      slidingWindow({ limit, window: windowMs }),
    ]),
  )
  const app = express().set('trust proxy', 1)
  app.use(rateLimit({ name: 'facts', policies, headers: ['ratelimit'], ...options }))
  app.get('/', (_req, res) => void res.send('hello'))
  return overHttp(app, stage)
}

const inMemory: Make = {
  clock: 'process',
  keeps: 'memory',
  async make(limits, stage, more) {
    const store = memoryStore({ maxKeys: MAX_KEYS })
    return {
      ask: await ask(limits, stage, { store, ...more }),
      keys: () => store.stats().keys + store.stats().refusedKeys,
      bound: `\`maxKeys: ${MAX_KEYS}\``,
    }
  },
}

const inRedis = (options: object): Make => ({
  clock: 'process',
  keeps: 'redis',
  async make(limits, stage, more) {
    const store = redisStore({ client: await stage.redis(redisOptions) })
    return { ask: await ask(limits, stage, { store, onError() {}, ...options, ...more }) }
  },
})

export const spillway: Contender = {
  name: 'Spillway',
  packages: ['@spillway/express'],
  code: '/packages/core/',
  makes: {
    memory: inMemory,
    // Here the machine may be slow; what comes of that is tried by itself.
    Redis: inRedis({ clock: () => Date.now(), deadline: '5s' }),
  },
  frozen: {
    "`fallback: 'local'`": inRedis({}),
    "`fallback: 'allow'`": inRedis({ fallback: 'allow' }),
    "`fallback: 'deny'`": inRedis({ fallback: 'deny' }),
  },
  several: 'one decision',
  byAddress: true,
}
