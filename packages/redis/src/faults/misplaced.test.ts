import { setTimeout as sleep } from 'node:timers/promises'
import type { SpillwayError } from '@spillway/core'
import { Cluster, Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { clusterOptions } from '../index.js'
import { startCluster, type TestCluster } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { closing, connect, describeFault, limiterOn, succeeds } from './clients.js'
import { startTraffic } from './traffic.js'

describeFault('a client in the wrong place', () => {
  it.concurrent('without the password decides nothing, until none is asked for', {
    timeout: 20_000,
  }, async () => {
    const server = await startServer({ config: { requirepass: 'secret' } })
    const admin = await ready(connect(server.port, { password: 'secret' }))
    const errors: string[] = []
    const own = connect(server.port)
    own.on('error', ({ message }) => errors.push(message))
    const traffic = startTraffic(limiterOn(own))
    await sleep(1000)
    expect(traffic.sources(0)).toEqual(['local'])
    // What is wrong only the client hears.
    expect(errors.join()).toContain('NOAUTH')
    await admin.config('SET', 'requirepass', '')
    const plainAt = await succeeds(() => new Redis(server.port))
    expect((await traffic.recovery(0)) - plainAt).toBeLessThan(2000)
    await traffic.stop()
  })

  it.concurrent('of one node, where the slots of a Cluster are many, is told of MOVED', {
    timeout: 60_000,
  }, async () => {
    const cluster = await startCluster()
    const { port } = cluster.nodes[0] as TestCluster['nodes'][number]
    const client = await ready(connect(port))
    const key = 'user2'
    expect(await client.set(`{${key}}`, '1').catch((error: Error) => error.message)).toContain('MOVED')

    const told: SpillwayError[] = []
    const traffic = startTraffic(limiterOn(client, { onError: (error) => told.push(error) }), { keys: [key] })
    await sleep(1000)
    await traffic.stop()
    expect(traffic.sources(0)).toEqual(['local'])
    expect(told).toMatchObject([{ cause: { message: expect.stringContaining('MOVED') } }])

    const right = limiterOn(await ready(closing(new Cluster([...cluster.nodes], clusterOptions))), {
      deadline: '5s',
    })
    expect(await right.consume(key)).toMatchObject({ source: 'store', used: 1 })
  })
})
