import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { field, until } from './cluster.js'
import { freePort, type RedisServer, startServer } from './server.js'

/** A master and its replica, watched by three Sentinels. */
export interface TestSentinels {
  readonly master: RedisServer
  readonly replica: RedisServer
  readonly sentinels: readonly RedisServer[]
  /** For `new Redis({ sentinels, name })`. */
  readonly connection: {
    readonly sentinels: { readonly host: string; readonly port: number }[]
    readonly name: string
  }
  stop(): Promise<void>
}

const NAME = 'spillway'
const QUORUM = 2

/** Starts them on free loopback ports and waits until each Sentinel knows of all the others. */
export async function startSentinels(): Promise<TestSentinels> {
  const config = { 'repl-diskless-sync-delay': '0' }
  const master = await startServer({ config })
  const replica = await startServer({ config: { ...config, replicaof: `127.0.0.1 ${master.port}` } })
  const sentinels: RedisServer[] = []
  for (let i = 0; i < 3; i++) sentinels.push(await startSentinel(master.port))
  for (const { port } of sentinels) await knowsAll(port)
  return {
    master,
    replica,
    sentinels,
    connection: { sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })), name: NAME },
    async stop() {
      await Promise.all([...sentinels, replica, master].map((server) => server.stop()))
    },
  }
}

async function startSentinel(master: number): Promise<RedisServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'spillway-sentinel-'))
  // A Sentinel keeps what it learns in this file.
  const file = join(folder, 'sentinel.conf')
  await writeFile(
    file,
    [
      `sentinel monitor ${NAME} 127.0.0.1 ${master} ${QUORUM}`,
      `sentinel down-after-milliseconds ${NAME} 500`,
      `sentinel failover-timeout ${NAME} 3000`,
    ].join('\n'),
  )
  const sentinel = await startServer({ port, folder, args: [file, '--sentinel'] })
  return {
    ...sentinel,
    async stop() {
      await sentinel.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function knowsAll(port: number): Promise<void> {
  const client = new Redis(port)
  try {
    await until(
      async () =>
        String(field(await client.info('sentinel'), 'master0')).includes('status=ok,') &&
        String(field(await client.info('sentinel'), 'master0')).endsWith('slaves=1,sentinels=3'),
    )
  } finally {
    client.disconnect()
  }
}
