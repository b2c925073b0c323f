import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { redisOptions } from '@spillway/redis'
import { Redis } from 'ioredis'
import findOrFetch from '../../../redis/src/testing/global-setup.js'
import { ready } from '../../../redis/src/testing/ready.js'
import { type RedisServer, startServer } from '../../../redis/src/testing/server.js'
import { upstash } from './upstash.js'

/** What a fact is tried on: a Redis of its own and servers on free loopback ports, which are gone after it. */
export interface Stage {
  redisServer(): Promise<RedisServer>
  redis(options?: Partial<typeof redisOptions>): Promise<Redis>
  /** Where the same Redis is asked over HTTP. */
  upstashUrl(): Promise<string>
  /** Answers where it listens. */
  serve(listener: RequestListener): Promise<string>
}

export async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const endings: (() => unknown)[] = []
  let server: Promise<RedisServer> | undefined

  const stage: Stage = {
    redisServer() {
      server ??= started()
      return server
    },
    async redis(options = {}) {
      const client = new Redis((await stage.redisServer()).port, options)
      endings.push(() => client.disconnect())
      return ready(client)
    },
    async upstashUrl() {
      return stage.serve(upstash(await stage.redis()))
    },
    async serve(listener) {
      const server = createServer(listener)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      endings.push(() => {
        server.close()
        server.closeAllConnections()
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
  }

  async function started(): Promise<RedisServer> {
    findOrFetch()
    const server = await startServer()
    endings.push(() => server.stop())
    return server
  }

  try {
    return await work(stage)
  } finally {
    // Clients first, then what they ask.
    for (const end of endings.toReversed()) await end()
  }
}
