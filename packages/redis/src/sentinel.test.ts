import { storeContract } from '@spillway/conformance'
import { Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { redisOptions, redisStore } from './index.js'
import { ready } from './testing/ready.js'
import { startSentinels, type TestSentinels } from './testing/sentinel.js'
import { describeRedis } from './testing/suite.js'

describeRedis('by way of Sentinels', () => {
  let servers: TestSentinels
  let client: Redis
  let stores = 0

  beforeAll(async () => {
    servers = await startSentinels()
    client = await ready(new Redis({ ...servers.connection, ...redisOptions }))
  }, 30_000)
  afterAll(async () => {
    client.disconnect()
    await servers.stop()
  })

  storeContract({
    store: 'ioredis 6, Sentinel',
    create: () => redisStore({ client, prefix: `contract-${stores++}` }),
  })
})
