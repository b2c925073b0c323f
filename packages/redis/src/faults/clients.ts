import { execFileSync } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLimiter, type Limiter, type LimiterOptions, slidingWindow } from '@spillway/core'
import { type Cluster, Redis, type RedisOptions } from 'ioredis'
import { type Cluster as Cluster5, Redis as Redis5 } from 'ioredis5'
import { afterAll, afterEach } from 'vitest'
import { redisOptions, redisStore } from '../index.js'
import { onPath } from '../testing/binary.js'
import { until } from '../testing/cluster.js'
import { type RedisServer, stopServers } from '../testing/server.js'
import { describeRedis } from '../testing/suite.js'

export type Client = Redis | Redis5 | Cluster | Cluster5

const valkey = onPath('valkey-server')

/** With what three of the faults are tried; all of them with the first. */
export const COMBINATIONS: readonly Combination[] = [
  { by: 'ioredis 6', connect: (port) => connect(port) },
  { by: 'ioredis 6, RESP2', connect: (port) => connect(port, { protocol: 2 }) },
  { by: 'ioredis 5', connect: (port) => closing(new Redis5(port, redisOptions)) },
  ...(valkey === undefined
    ? []
    : [{ by: 'ioredis 6, Valkey', connect: (port: number) => connect(port), binary: valkey }]),
]

interface Combination {
  readonly by: string
  readonly connect: (port: number) => Redis | Redis5
  readonly binary?: string
}

const opened = new Set<Client>()

/** Describes what happens on servers of the tests' own. None of them, and no client, stays behind. */
export function describeServers(name: string, tests: () => void, options: { retry?: number } = {}): void {
  describeRedis(name, options, () => {
    afterAll(async () => {
      for (const client of opened) client.disconnect()
      await stopServers()
    })
    afterEach(({ task: { name, result } }) => {
      if (result?.retryCount) console.warn(`Tried again ${result.retryCount} times: ${name}`)
    })
    tests()
  })
}

/** The same where deadlines are kept in real time, beside others: what fails must fail again. Who is tried again is told. */
export function describeFault(name: string, tests: () => void): void {
  describeServers(name, tests, { retry: 2 })
}

/** Freezes a server. It stands still from then on: a signal takes a moment. */
export async function freeze({ process: { pid } }: RedisServer): Promise<void> {
  process.kill(pid as number, 'SIGSTOP')
  await until(async () =>
    execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('T'),
  )
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

/** So long one try of a plain client may take, which may have come upon a node that is gone. */
const TRY_MS = 500

/**
 * When a plain client, which has no limiter, succeeds with a write again. Each try is by one of its own, so that none waits
 * for what an earlier one has lost.
 */
export async function succeeds(open: () => Client, key = 'plain'): Promise<number> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(5)) {
    const client = closing(open())
    try {
      const wrote = await Promise.race([client.set(key, '1'), sleep(TRY_MS)])
      if (wrote === 'OK') return performance.now()
    } catch {
      // Not yet.
    } finally {
      client.disconnect()
      opened.delete(client)
    }
  }
  throw new Error('The plain client did not succeed again.')
}
