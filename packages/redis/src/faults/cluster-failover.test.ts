import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster, type Redis } from 'ioredis'
import { beforeAll, expect, it } from 'vitest'
import { clusterOptions } from '../index.js'
import { startCluster, type TestCluster } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { closing, connect, describeFault, freeze, limiterOn, succeeds } from './clients.js'
import { startTraffic, type Traffic } from './traffic.js'

const MASTERS = 3

describeFault('in a Cluster', () => {
  let cluster: TestCluster
  /** One key for each master. */
  let keys: string[]

  beforeAll(async () => {
    cluster = await startCluster()
    const [first] = cluster.nodes
    const node = await ready(connect((first as { port: number }).port))
    keys = await Promise.all([0, 1, 2].map((master) => keyOf(node, master)))
  }, 60_000)

  /** Has traffic through a fault at one master until a plain client, and then the limiter, write there again. */
  async function during(master: number, fault: () => Promise<void>): Promise<{ traffic: Traffic }> {
    const own = await ready(closing(new Cluster([...cluster.nodes], clusterOptions)))
    const key = keys[master] as string
    const traffic = startTraffic(limiterOn(own), { keys })
    for (const each of keys) await traffic.recovery(0, each)

    const began = performance.now()
    await fault()
    const plainAt = await succeeds(() => new Cluster([...cluster.nodes]), `plain:{${key}}`)
    const ownAt = await traffic.recovery(plainAt, key)
    expect(ownAt - plainAt).toBeLessThan(2000)
    await sleep(200)
    await traffic.stop()
    const sources = traffic.sources(began)
    expect(sources.filter((source) => source !== 'store' && source !== 'local')).toEqual([])
    return { traffic }
  }

  it('a master that gives way by command loses no charge', { timeout: 40_000 }, async () => {
    const replica = await ready(connect((cluster.servers[MASTERS] as { port: number }).port))
    const { traffic } = await during(0, async () => {
      await replica.cluster('FAILOVER')
      while (!(await replica.info('replication')).includes('role:master')) await sleep(10)
    })
    const own = traffic.seen.filter(({ key }) => key === keys[0])
    const charged = own.filter(({ decision }) => decision.source === 'store')
    const last = charged.at(-1)?.decision.used ?? 0
    expect(last).toBeGreaterThanOrEqual(charged.length)
    expect(last).toBeLessThanOrEqual(own.length)
  })

  it.each([
    ['killed', 1, 'SIGKILL'],
    ['frozen', 2, 'SIGSTOP'],
  ] as const)(
    'a master that is %s is stood in for until its replica is one',
    { timeout: 40_000 },
    async (_, at, signal) => {
      const server = cluster.servers[at] as TestCluster['servers'][number]
      let struck = 0
      const { traffic } = await during(at, async () => {
        await (signal === 'SIGKILL' ? server.stop() : freeze(server))
        struck = performance.now()
      })
      // Its replica waits a second at least.
      const before = traffic.seen.filter((seen) => seen.at > struck && seen.at < struck + 500)
      const sources = (key?: string) =>
        before.filter((seen) => seen.key === key).map(({ decision }) => decision.source)
      expect(new Set(sources(keys[at]))).toEqual(new Set(['local']))
      // The others go on, until the Cluster notices that it is not whole.
      expect(sources(keys[(at + 1) % MASTERS])).toContain('store')
    },
  )
})

/** A key whose slot belongs to that master. */
async function keyOf(node: Redis, master: number): Promise<string> {
  for (let i = 0; ; i++) {
    const slot = (await node.cluster('KEYSLOT', `user${i}`)) as number
    if (Math.floor((slot * MASTERS) / 16_384) === master) return `user${i}`
  }
}
