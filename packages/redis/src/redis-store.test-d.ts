import { createLimiter, type Store, tokenBucket } from '@spillway/core'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { Cluster as Cluster5, Redis as Redis5, type RedisOptions as RedisOptions5 } from 'ioredis5'
import { describe, expectTypeOf, test } from 'vitest'
import { clusterOptions, type RedisClient, redisOptions, redisStore } from './index.js'

const nodes = [{ host: '127.0.0.1', port: 7000 }]

describe('a client', () => {
  test('is that of ioredis, as it is', () => {
    expectTypeOf<Redis>().toExtend<RedisClient>()
    expectTypeOf<Cluster>().toExtend<RedisClient>()
    expectTypeOf<Redis5>().toExtend<RedisClient>()
    expectTypeOf<Cluster5>().toExtend<RedisClient>()
    expectTypeOf(redisStore({ client: new Redis() })).toExtend<Store>()
  })

  test('takes the options of this package', () => {
    new Redis('redis://127.0.0.1', redisOptions)
    new Redis({ ...redisOptions, host: '127.0.0.1' })
    new Cluster(nodes, clusterOptions)
    new Redis5('redis://127.0.0.1', redisOptions)
    new Cluster5(nodes, clusterOptions)
    expectTypeOf(redisOptions).toExtend<RedisOptions>()
    expectTypeOf(redisOptions).toExtend<RedisOptions5>()
  })

  test('may be a few lines around another one', () => {
    const send = async (_args: string[]): Promise<unknown> => []
    redisStore({
      client: {
        evalsha: (sha1, keys, ...rest) => send(['EVALSHA', sha1, String(keys), ...rest]),
        eval: (script, keys, ...rest) => send(['EVAL', script, String(keys), ...rest]),
      },
    })
    // @ts-expect-error what sends scripts is missing
    redisStore({ client: { evalsha: async () => [] } })
    // @ts-expect-error a client is needed
    redisStore({ prefix: 'app' })
  })
})

test('a limiter on Redis answers later only', () => {
  const limiter = createLimiter({
    name: 'api',
    store: redisStore({ client: new Redis(redisOptions) }),
    policies: { policy: tokenBucket({ limit: 1, window: '1s' }) },
  })
  expectTypeOf(limiter).not.toHaveProperty('consumeSync')
  expectTypeOf(limiter.consume).returns.toExtend<Promise<unknown>>()
})
