import type { SpillwayError } from '@spillway/core'
import { expect, it } from 'vitest'
import { field, until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeServers, limiterOn } from './clients.js'

describeServers('a replica', () => {
  it.concurrent('decides nothing: no charge, no refusal, no peek', { timeout: 20_000 }, async () => {
    const master = await startServer({ config: { 'repl-diskless-sync-delay': '0' } })
    const replica = await startServer({ config: { replicaof: `127.0.0.1 ${master.port}` } })
    const [client, other] = [await ready(connect(master.port)), await ready(connect(replica.port))]
    await until(async () => field(await other.info('replication'), 'master_link_status') === 'up')
    const charging = limiterOn(client, { limit: 1, deadline: '5s' })
    expect(await charging.consume('used up')).toMatchObject({ source: 'store', allowed: true })
    await client.wait(1, 5000)

    const ask = {
      'a charge': ({ consume }) => consume('fresh'),
      'a refusal': ({ consume }) => consume('used up'),
      'a peek at a fresh key': ({ peek }) => peek('fresh'),
      'a peek at a refused key': ({ peek }) => peek('used up'),
      'a cost of nothing': ({ consume }) => consume('fresh', { cost: 0 }),
    } satisfies Record<string, (limiter: typeof charging) => Promise<unknown>>
    for (const [what, question] of Object.entries(ask)) {
      const told: SpillwayError[] = []
      const limiter = limiterOn(await ready(connect(replica.port, { reconnectOnError: null })), {
        limit: 1,
        deadline: '5s',
        denyCache: 0,
        onError: (error) => told.push(error),
      })
      for (let i = 0; i < 5; i++) expect(await question(limiter), what).toMatchObject({ source: 'local' })
      expect(told, what).toMatchObject([{ cause: { message: expect.stringContaining('READONLY') } }])
    }
  })
})
