import { type Harness, holdingContract } from '@spillway/conformance'
import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { harnesses as express } from '../../express/src/testing/harness.js'
import { harnesses as hono } from '../../hono/src/testing/node.js'
import { harnesses as koa } from '../../koa/src/testing/harness.js'
import { redisOptions, redisStore } from './index.js'
import { ready } from './testing/ready.js'
import { type RedisServer, startServer } from './testing/server.js'
import { describeRedis } from './testing/suite.js'

describeRedis('with slots in Redis', () => {
  let redis: RedisServer
  let client: Redis

  beforeAll(async () => {
    redis = await startServer()
    client = await ready(new Redis(redis.port, redisOptions))
  })
  afterAll(async () => {
    client.disconnect()
    await redis.stop()
  })

  let stores = 0
  /** Each limiter on a store of its own; nothing but Redis decides, however slow this machine is. */
  function inRedis<R>(harness: Harness<R>): Harness<R> {
    return {
      ...harness,
      createRateLimit(defaults = {}) {
        const store = redisStore({ client, prefix: `t${++stores}` })
        return harness.createRateLimit({
          store,
          name: 'held',
          deadline: '30s',
          fallback: 'deny',
          ...defaults,
        })
      },
    }
  }

  for (const harness of express) holdingContract(inRedis(harness))
  for (const harness of koa) holdingContract(inRedis(harness))
  for (const harness of hono) holdingContract(inRedis(harness))
})
