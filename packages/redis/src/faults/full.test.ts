import { expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeServers, limiterOn } from './clients.js'

describeServers('a server whose memory is full', () => {
  it('is not filled further, and still refuses and tells', async () => {
    const server = await startServer()
    const admin = await ready(connect(server.port))
    const options = { limit: 1, deadline: '5s', denyCache: 0 } as const
    const limiter = limiterOn(await ready(connect(server.port)), options)
    await limiter.consume('used up')
    await admin.config('SET', 'maxmemory', '1')

    expect(await limiter.consume('used up')).toMatchObject({ allowed: false, source: 'store' })
    expect(await limiter.peek('fresh')).toMatchObject({ allowed: true, source: 'store' })
    expect(await limiter.consume('fresh')).toMatchObject({ allowed: true, source: 'local' })
    expect(await admin.dbsize()).toBe(1)
    // Only what Redis did not know was sent in full; what it refused was not sent again.
    expect(await admin.info('commandstats')).toContain('cmdstat_eval:calls=1,')
    await limiter.reset('used up')
    expect(await admin.dbsize()).toBe(0)
  })
})
