import { setTimeout as sleep } from 'node:timers/promises'
import { type Policy, slidingWindow } from '@spillway/core'
import { Cluster, type Redis } from 'ioredis'
import { beforeAll, expect, it } from 'vitest'
import { clusterOptions } from '../index.js'
import { startCluster, type TestCluster } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import type { RedisServer } from '../testing/server.js'
import { closing, connect, describeFault, freeze, limiterOn } from './clients.js'
import { startTraffic } from './traffic.js'

const SUBJECT = 'user'
const [ONE, TWO] = [
  { minute: slidingWindow({ limit: 100_000, window: '1m' }) },
  { hour: slidingWindow({ limit: 100_000, window: '1h' }) },
]

describeFault('a slot that moves to another master, under load', () => {
  let cluster: TestCluster
  let nodes: Redis[]
  let slot: number
  /** Whose slot it is, and whose it will be. */
  let from: Redis
  let to: Redis

  beforeAll(async () => {
    cluster = await startCluster()
    nodes = await Promise.all(cluster.nodes.slice(0, 3).map(async ({ port }) => ready(connect(port))))
    slot = (await (nodes[0] as Redis).cluster('KEYSLOT', SUBJECT)) as number
    const owner = Math.floor((slot * 3) / 16_384)
    ;[from, to] = [nodes[owner] as Redis, nodes[(owner + 1) % 3] as Redis]
  }, 60_000)

  const id = async (node: Redis) => (await node.cluster('MYID')) as string
  async function move(keys: readonly string[]): Promise<void> {
    const { port = 0 } = to.options
    await from.migrate('127.0.0.1', port, '', 0, 5000, 'KEYS', ...keys)
  }

  it('is followed by ASK and MOVED; what lies here and there is stood in for', {
    timeout: 60_000,
  }, async () => {
    const client = await ready(closing(new Cluster([...cluster.nodes], clusterOptions)))
    const limiter = (name: string, policies: Record<string, Policy>) => limiterOn(client, { name, policies })
    const [known, single, double] = [
      limiter('known', { ...ONE, ...TWO }),
      limiter('single', ONE),
      limiter('double', { ...ONE, ...TWO }),
    ]
    const options = { keys: [SUBJECT], everyMs: 5 }
    const ofKnown = startTraffic(known, options)
    await ofKnown.recovery(0)

    await to.cluster('SETSLOT', slot, 'IMPORTING', await id(from))
    await from.cluster('SETSLOT', slot, 'MIGRATING', await id(to))
    const [ofSingle, ofDouble] = [startTraffic(single, options), startTraffic(double, options)]
    const all = [ofKnown, ofSingle, ofDouble]
    // New keys go to the new master, by ASK, one at a time; several at once wait (TRYAGAIN). Known ones are still here.
    const phases = { open: performance.now(), half: 0, moved: 0, closed: 0 }
    for (const traffic of [ofKnown, ofSingle]) await traffic.recovery(phases.open)
    await sleep(500)

    const keys = (await from.cluster('GETKEYSINSLOT', slot, 10)) as string[]
    expect(keys).toHaveLength(2)
    await move(keys.slice(0, 1))
    phases.half = performance.now()
    await sleep(500)
    await move(keys.slice(1))
    phases.moved = performance.now()
    await ofKnown.recovery(phases.moved)
    await sleep(500)
    for (const node of [to, from, ...nodes]) await node.cluster('SETSLOT', slot, 'NODE', await id(to))
    phases.closed = performance.now()
    for (const traffic of all) {
      expect((await traffic.recovery(phases.closed)) - phases.closed).toBeLessThan(2000)
    }
    for (const traffic of all) await traffic.stop()

    expect(ofDouble.sources(phases.open, phases.closed - 300)).toEqual(['local'])
    expect(ofKnown.sources(phases.half + 10, phases.moved - 300)).toEqual(['local'])
    const charged = ofKnown.seen.filter(({ decision }) => decision.source === 'store')
    const used = Math.max(...charged.map(({ decision }) => decision.used))
    expect(used).toBeGreaterThanOrEqual(charged.length)
    expect(used).toBeLessThanOrEqual(ofKnown.seen.length)
  })

  it('whose new master dies on the way is stood in for', { timeout: 60_000 }, async () => {
    const client = await ready(closing(new Cluster([...cluster.nodes], clusterOptions)))
    // The slot is the other one's by now: it starts on its way back.
    await from.cluster('SETSLOT', slot, 'IMPORTING', await id(to))
    await to.cluster('SETSLOT', slot, 'MIGRATING', await id(from))
    const traffic = startTraffic(limiterOn(client, { name: 'fresh' }), { keys: [SUBJECT], everyMs: 2 })
    await traffic.recovery(0)
    const { port } = from.options
    const server = cluster.servers.find((one) => one.port === port)
    await freeze(server as RedisServer)
    const struck = performance.now()
    await sleep(1500)
    server?.process.kill('SIGKILL')
    await sleep(500)
    await traffic.stop()
    expect(traffic.sources(struck, struck + 500)).toEqual(['local'])
  })
})
