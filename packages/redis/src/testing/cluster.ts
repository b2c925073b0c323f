import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { type RedisServer, startServer } from './server.js'

/** Three masters, each with one replica unless it was to have none. */
export interface TestCluster {
  /** Masters first, each at the same place as its replica behind them; as they were when it started. */
  readonly servers: readonly RedisServer[]
  /** Where a client begins. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  stop(): Promise<void>
}

const SLOTS = 16_384
const MASTERS = 3

export interface ClusterOptions {
  /** A node that is silent for so long has failed; a longer time for tests in which none is to fail. */
  readonly nodeTimeoutMs?: number
  /** @default true */
  readonly replicas?: boolean
}

/** Starts a Cluster on free loopback ports and waits until every node knows of it. */
export async function startCluster({
  nodeTimeoutMs = 1000,
  replicas = true,
}: ClusterOptions = {}): Promise<TestCluster> {
  const servers: RedisServer[] = []
  for (let i = 0; i < (replicas ? 2 : 1) * MASTERS; i++) servers.push(await startNode(nodeTimeoutMs))
  const clients = servers.map(({ port }) => new Redis(port))
  try {
    await Promise.all(clients.slice(0, MASTERS).map(takeSlots))
    const [first] = servers as [RedisServer]
    for (const client of clients.slice(1)) await client.call('CLUSTER', 'MEET', '127.0.0.1', first.port)
    for (const client of clients) await until(async () => (await known(client)) === servers.length)
    for (const [i, client] of clients.slice(MASTERS).entries()) {
      const master = await (clients[i] as Redis).call('CLUSTER', 'MYID')
      await client.call('CLUSTER', 'REPLICATE', master as string)
    }
    for (const client of clients) await until(() => isReady(client, replicas ? MASTERS : 0))
  } finally {
    for (const client of clients) client.disconnect()
  }
  return {
    servers,
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

async function startNode(nodeTimeoutMs: number): Promise<RedisServer> {
  return startServer({
    port: await clusterPort(),
    config: {
      'cluster-enabled': 'yes',
      'cluster-node-timeout': String(nodeTimeoutMs),
      'repl-diskless-sync-delay': '0',
    },
  })
}

async function takeSlots(client: Redis, place: number): Promise<void> {
  const [from, to] = [Math.floor((place * SLOTS) / MASTERS), Math.floor(((place + 1) * SLOTS) / MASTERS)]
  const slots = Array.from({ length: to - from }, (_, i) => from + i)
  await client.call('CLUSTER', 'ADDSLOTS', ...slots)
  await client.call('CLUSTER', 'SET-CONFIG-EPOCH', place + 1)
}

async function known(client: Redis): Promise<number> {
  return Number(field(await client.call('CLUSTER', 'INFO'), 'cluster_known_nodes'))
}

/** Whether it sees every slot served and every replica, and if it is one, whether it has what its master has. */
async function isReady(client: Redis, replicas: number): Promise<boolean> {
  const info = await client.call('CLUSTER', 'INFO')
  const nodes = (await client.call('CLUSTER', 'NODES')) as string
  const replication = await client.info('replication')
  return (
    field(info, 'cluster_state') === 'ok' &&
    field(info, 'cluster_slots_ok') === String(SLOTS) &&
    nodes.split('slave ').length - 1 === replicas &&
    (field(replication, 'role') === 'master' || field(replication, 'master_link_status') === 'up')
  )
}

export function field(info: unknown, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(String(info))?.[1]
}

/** Waits until something is so. @throws after half a minute */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Not within 30 s: ${isSo}`)
}

/** A free port whose Cluster bus, 10,000 higher, is free too. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
