import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { field, until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { closing, connect, describeServers, limiterOn } from './clients.js'

const LIMIT = 20
const REPLICATED = 8
const NOT_REPLICATED = 5

describeServers('a failover', () => {
  it('over-admits what was charged and not yet replicated, and no more', async () => {
    const config = { 'repl-diskless-sync-delay': '0' }
    const master = await startServer({ config })
    const replica = await startServer({ config: { ...config, replicaof: `127.0.0.1 ${master.port}` } })
    const heir = await ready(closing(new Redis(replica.port)))
    const linked = async () => field(await heir.info('replication'), 'master_link_status') === 'up'
    await until(linked)

    // Without a fallback of its own, so that only what the store admits is counted.
    const options = { limit: LIMIT, fallback: 'deny', deadline: '5s' } as const
    const client = await ready(connect(master.port))
    const before = limiterOn(client, options)
    for (let i = 0; i < REPLICATED; i++) await before.consume('user')
    await client.wait(1, 5000)
    await heir.replicaof('127.0.0.1', 1)
    await until(async () => !(await linked()))
    for (let i = 0; i < NOT_REPLICATED; i++) await before.consume('user')
    await master.stop()
    await heir.replicaof('NO', 'ONE')

    const after = limiterOn(await ready(connect(replica.port)), options)
    const decisions = []
    for (let i = 0; i < 2 * LIMIT; i++) decisions.push(await after.consume('user'))
    expect(
      new Set(decisions.map(({ source }) => source).filter((source) => source !== 'deny-cache')),
    ).toEqual(new Set(['store']))
    const admitted = REPLICATED + NOT_REPLICATED + decisions.filter(({ allowed }) => allowed).length
    expect(admitted - LIMIT).toBe(NOT_REPLICATED)
  })
})
