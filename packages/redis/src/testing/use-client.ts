import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { clusterOptions, redisOptions } from '../index.js'
import { startCluster } from './cluster.js'
import { type Client, ready } from './ready.js'
import { startServer } from './server.js'

/** Starts servers for the tests of a suite, and connects to them; both are gone after it. Answers the client once they run. */
export function useClient<Servers extends { stop(): Promise<void> }, Any extends Client>(
  start: () => Promise<Servers>,
  connect: (servers: Servers) => Any,
): () => Any {
  let servers: Servers
  let client: Any

  beforeAll(async () => {
    servers = await start()
    client = await ready(connect(servers))
  }, 30_000)
  afterAll(async () => {
    client.disconnect()
    await servers.stop()
  })

  return () => client
}

export function useRedis(): () => Redis {
  return useClient(startServer, ({ port }) => new Redis(port, redisOptions))
}

/** Its masters are given time: none of these tests is about a failover. */
export function useCluster(): () => Cluster {
  return useClient(
    () => startCluster({ nodeTimeoutMs: 4000 }),
    ({ nodes }) => new Cluster([...nodes], clusterOptions),
  )
}
