import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SpillwayError } from '@spillway/core'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { field, until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { type RedisServer, startServer } from '../testing/server.js'
import { connect, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

interface Refusal {
  readonly code: string
  readonly config?: Record<string, string>
  begin(admin: Redis, server: RedisServer): Promise<unknown>
  end(admin: Redis, server: RedisServer): Promise<unknown>
}

const everySlot = Array.from({ length: 16_384 }, (_, slot) => slot)

async function saves(admin: Redis, status: 'ok' | 'err'): Promise<void> {
  await admin.bgsave().catch(() => {})
  await until(async () => field(await admin.info('persistence'), 'rdb_last_bgsave_status') === status)
}

/** What a charge is answered, or would be. */
async function answerOf(admin: Redis): Promise<string> {
  try {
    return String(await admin.eval("return redis.call('SET', KEYS[1], '1')", 1, 'charge'))
  } catch (error) {
    return (error as Error).message
  }
}

const REFUSALS: readonly Refusal[] = [
  {
    code: 'READONLY',
    begin: (admin) => admin.replicaof('127.0.0.1', 1),
    end: (admin) => admin.replicaof('NO', 'ONE'),
  },
  {
    code: 'MASTERDOWN',
    config: { 'replica-serve-stale-data': 'no' },
    begin: (admin) => admin.replicaof('127.0.0.1', 1),
    end: (admin) => admin.replicaof('NO', 'ONE'),
  },
  {
    code: 'MISCONF',
    config: { save: '3600 1' },
    begin: async (admin, { folder }) => {
      await mkdir(join(folder, 'dump.rdb'))
      await saves(admin, 'err')
    },
    end: async (admin, { folder }) => {
      await rmdir(join(folder, 'dump.rdb'))
      await saves(admin, 'ok')
    },
  },
  {
    code: 'OOM',
    begin: (admin) => admin.config('SET', 'maxmemory', '1'),
    end: (admin) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    code: 'NOREPLICAS',
    begin: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
    end: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  {
    code: 'BUSY',
    config: { 'lua-time-limit': '20' },
    begin: async (admin) => {
      const other = await ready(admin.duplicate({ socketTimeout: 60_000 }))
      other.eval('while true do end', 0).catch(() => other.disconnect())
    },
    end: (admin) => admin.script('KILL'),
  },
  {
    code: 'CLUSTERDOWN',
    config: { 'cluster-enabled': 'yes', 'cluster-node-timeout': '500' },
    begin: async (admin) => {
      await admin.cluster('DELSLOTS', ...everySlot)
    },
    end: (admin) => admin.cluster('ADDSLOTS', ...everySlot),
  },
]

describeFault('a server that answers with', () => {
  it.concurrent.each(REFUSALS)('$code, without a word too late', { timeout: 30_000 }, async (refusal) => {
    const { code, config = {} } = refusal
    const server = await startServer({ config })
    const admin = await ready(connect(server.port, { reconnectOnError: null }))
    if (code === 'CLUSTERDOWN') await refusal.end(admin, server)
    const own = await ready(connect(server.port))
    const plain = () => new Redis(server.port)
    await succeeds(plain)
    const told: SpillwayError[] = []
    const traffic = startTraffic(limiterOn(own, { onError: (error) => told.push(error) }), { keys: ['a'] })
    await traffic.recovery(0)

    await refusal.begin(admin, server)
    await until(async () => (await answerOf(admin)).includes(code))
    const began = performance.now()
    await until(async () => told.length > 0)
    await sleep(1000)
    const ended = performance.now()
    expect(traffic.sources(began, ended)).toEqual(['local'])
    await refusal.end(admin, server)
    const plainAt = await succeeds(plain)
    const ownAt = await traffic.recovery(ended)
    await traffic.stop()

    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ code: 'STORE_FAILED', cause: { message: expect.stringContaining(code) } })
    expect(ownAt - plainAt).toBeLessThan(2000)
  })
})
