import { storeContract } from '@spillway/conformance'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { describe, it } from 'vitest'
import { redisOptions, redisStore } from './index.js'
import { onPath } from './testing/binary.js'
import { startServer } from './testing/server.js'
import { describeRedis } from './testing/suite.js'
import { useClient } from './testing/use-client.js'

const CLIENTS = {
  'ioredis 6': (port: number) => new Redis(port, redisOptions),
  'ioredis 6, RESP2': (port: number) => new Redis(port, { ...redisOptions, protocol: 2 }),
  'ioredis 5': (port: number) => new Redis5(port, redisOptions),
}

let stores = 0

describeRedis('the contract', () => {
  for (const [store, connect] of Object.entries(CLIENTS)) contract(store, connect)
})

const valkey = onPath('valkey-server')
if (valkey === undefined) it('Valkey', (context) => context.skip('valkey-server is not on PATH'))
else contract('Valkey', CLIENTS['ioredis 6'], valkey)

function contract(store: string, connect: (port: number) => Redis | Redis5, binary?: string): void {
  describe(`by ${store}`, () => {
    const client = useClient(
      () => startServer({ binary }),
      ({ port }) => connect(port),
    )

    storeContract({ store, create: () => redisStore({ client: client(), prefix: `contract-${stores++}` }) })
  })
}
