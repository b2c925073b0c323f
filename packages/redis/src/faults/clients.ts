import type { EventEmitter } from 'node:events'
import { createLimiter, type Limiter, type LimiterOptions, slidingWindow } from '@spillway/core'
import { type Cluster, Redis, type RedisOptions } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll } from 'vitest'
import { redisOptions, redisStore } from '../index.js'
import { stopServers } from '../testing/server.js'
import { describeRedis } from '../testing/suite.js'

export type Client = Redis | Redis5 | Cluster

/** The clients with which three of the faults are tried; all of them with the first. */
export const CLIENTS: readonly [string, (port: number) => Redis | Redis5][] = [
  ['ioredis 6', (port) => connect(port)],
  ['ioredis 6, RESP2', (port) => connect(port, { protocol: 2 })],
  ['ioredis 5', (port) => closing(new Redis5(port, redisOptions))],
]

const opened = new Set<Client>()

/** Describes what happens on servers of the tests' own. None of them, and no client, stays behind. */
export function describeFault(name: string, tests: () => void): void {
  // Servers are stopped, started and frozen in real time: what fails must fail again.
  describeRedis(name, { retry: 2 }, () => {
    afterAll(async () => {
      for (const client of opened) client.disconnect()
      await stopServers()
    })
    tests()
  })
}

/** A client as we tell users to make it. */
export function connect(port: number, options: Omit<RedisOptions, 'replyMapping'> = {}): Redis {
  return closing(new Redis(port, { ...redisOptions, ...options }))
}

/** Has it closed when the tests are over. */
export function closing<Any extends Client>(client: Any): Any {
  const emitter: EventEmitter = client
  emitter.on('error', () => {})
  opened.add(client)
  return client
}

/** A limiter that admits almost everything, unless a limit is given. */
export function limiterOn(
  client: Client,
  { limit = 1_000_000, ...options }: Partial<LimiterOptions> & { limit?: number } = {},
): Limiter {
  return createLimiter({
    name: 'faults',
    store: redisStore({ client }),
    onError: () => {},
    policies: { all: slidingWindow({ limit, window: '1m' }) },
    ...options,
  })
}

/** When a client without a limiter succeeds with a write again. */
export async function succeeds(client: Client, key = 'plain'): Promise<number> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    try {
      await client.set(key, '1')
      return performance.now()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  throw new Error('The plain client did not succeed again.')
}
