import Koa from 'koa'
import ratelimit from 'koa-ratelimit/index.js'
import type { Contender, Limit } from '../contender.js'
import { overHttp } from '../http.js'
import type { Stage } from '../stage.js'

function ask(limits: readonly Limit[], stage: Stage, options: object) {
  const app = new Koa()
  app.proxy = true
  for (const { name, limit, windowMs } of limits)
    app.use(ratelimit({ namespace: name, max: limit, duration: windowMs, ...options }))
  app.use((ctx) => {
    ctx.body = 'hello'
  })
  return overHttp(app.callback(), stage)
}

export const koaRatelimit: Contender = {
  name: 'koa-ratelimit',
  packages: ['koa-ratelimit'],
  code: '/node_modules/koa-ratelimit/',
  makes: {
    memory: {
      clock: 'process',
      keeps: 'memory',
      async make(limits, stage, more) {
        const db = new Map()
        return { ask: await ask(limits, stage, { driver: 'memory', db, ...more }), keys: () => db.size }
      },
    },
    Redis: {
      clock: 'process',
      keeps: 'redis',
      async make(limits, stage, more) {
        const db = await stage.redis()
        return { ask: await ask(limits, stage, { driver: 'redis', db, ...more }) }
      },
    },
  },
  several: 'middlewares in a row',
  byAddress: true,
}
