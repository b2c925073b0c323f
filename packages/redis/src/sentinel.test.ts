import { storeContract } from '@spillway/conformance'
import { Redis } from 'ioredis'
import { redisOptions, redisStore } from './index.js'
import { startSentinels } from './testing/sentinel.js'
import { describeRedis } from './testing/suite.js'
import { useClient } from './testing/use-client.js'

describeRedis('by way of Sentinels', () => {
  const client = useClient(startSentinels, ({ connection }) => new Redis({ ...connection, ...redisOptions }))
  let stores = 0

  storeContract({
    store: 'ioredis 6, Sentinel',
    create: () => redisStore({ client: client(), prefix: `contract-${stores++}` }),
  })
})
