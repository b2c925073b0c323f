import express from 'express'
import { MemoryStore, type Options, rateLimit, type Store } from 'express-rate-limit'
import { RedisStore } from 'rate-limit-redis'
import type { Contender, Limit } from '../contender.js'
import { overHttp } from '../http.js'
import type { Stage } from '../stage.js'

function ask(limits: readonly Limit[], stage: Stage, more: object, storeOf: (limit: Limit) => Store) {
  const app = express().set('trust proxy', 1)
  for (const one of limits) {
    const { name, limit, windowMs } = one
    const options: Partial<Options> = { limit, windowMs, identifier: name, standardHeaders: 'draft-8' }
    app.use(rateLimit({ ...options, store: storeOf(one), ...more }))
  }
  app.get('/', (_req, res) => void res.send('hello'))
  return overHttp(app, stage)
}

export const expressRateLimit: Contender = {
  name: 'express-rate-limit',
  packages: ['express-rate-limit', 'rate-limit-redis'],
  code: '/node_modules/express-rate-limit/',
  makes: {
    memory: {
      clock: 'process',
      keeps: 'memory',
      async make(limits, stage, more = {}) {
        const stores: MemoryStore[] = []
        const asked = await ask(limits, stage, more, () => {
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
    'rate-limit-redis': {
      clock: 'redis',
      keeps: 'redis',
      async make(limits, stage, more = {}) {
        const client = await stage.redis()
        const storeOf = ({ name }: Limit) =>
          new RedisStore({
            prefix: `${name}:`,
            sendCommand: (command: string, ...args: string[]) =>
              client.call(command, ...args) as Promise<number>,
          })
        return { ask: await ask(limits, stage, more, storeOf) }
      },
    },
  },
  several: 'middlewares in a row',
  byAddress: true,
}
