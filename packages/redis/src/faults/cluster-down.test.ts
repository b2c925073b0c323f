import { setTimeout as sleep } from 'node:timers/promises'
import type { SpillwayError } from '@spillway/core'
import { Cluster } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { expect, it } from 'vitest'
import { clusterOptions } from '../index.js'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { closing, connect, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

const CLIENTS = [
  { by: 'ioredis 6', open: (port: number) => new Cluster([{ host: '127.0.0.1', port }], clusterOptions) },
  { by: 'ioredis 5', open: (port: number) => new Cluster5([{ host: '127.0.0.1', port }], clusterOptions) },
]

const everySlot = Array.from({ length: 16_384 }, (_, slot) => slot)

describeFault('a Cluster whose slots nobody serves', () => {
  it.concurrent.each(CLIENTS)(
    'is stood in for until somebody does, by $by',
    {
      timeout: 30_000,
    },
    async ({ open }) => {
      // One node is enough of a Cluster to be without its slots.
      const config = { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1' }
      const { port } = await startServer({ config })
      const admin = await ready(connect(port))
      const plain = () => new Cluster([{ host: '127.0.0.1', port }])
      await admin.cluster('ADDSLOTS', ...everySlot)
      await succeeds(plain)
      const told: SpillwayError[] = []
      const limiter = limiterOn(await ready(closing(open(port))), { onError: (error) => told.push(error) })
      const traffic = startTraffic(limiter)
      await traffic.recovery(0)
      told.length = 0

      await admin.cluster('DELSLOTS', ...everySlot)
      const began = performance.now()
      await until(async () => told.length > 0)
      await sleep(1000)
      const ended = performance.now()
      await admin.cluster('ADDSLOTS', ...everySlot)
      const plainAt = await succeeds(plain)
      const ownAt = await traffic.recovery(ended)
      await traffic.stop()

      expect(traffic.sources(began, ended)).toEqual(['local'])
      expect(told).toMatchObject([
        { code: 'STORE_FAILED', cause: { message: expect.stringContaining('CLUSTERDOWN') } },
      ])
      expect(ownAt - plainAt).toBeLessThan(2000)
    },
  )
})
