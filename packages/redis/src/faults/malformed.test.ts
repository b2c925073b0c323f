import type { SpillwayError } from '@spillway/core'
import { expect, it } from 'vitest'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeFault, limiterOn } from './clients.js'

const STRANGE: readonly [string, (client: ReturnType<typeof connect>, key: string) => Promise<unknown>][] = [
  [
    'of another type',
    async (client, key) => [await client.del(key), await client.hset(key, 'field', 'value')],
  ],
  ['of somebody else', (client, key) => client.set(key, '{"count":3}')],
  ['cut short', async (client, key) => client.set(key, (await client.get(key))?.slice(0, -2) ?? '')],
  ['of nothing at all', (client, key) => client.set(key, '')],
]

describeFault('a value under a key of ours', () => {
  it.each(STRANGE)('%s concerns that key only, until it is reset', async (_, spoil) => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const told: SpillwayError[] = []
    const limiter = limiterOn(client, { deadline: '5s', onError: (error) => told.push(error) })
    await Promise.all(['good', 'bad'].map((key) => limiter.consume(key)))
    const [stored] = await client.keys('*{bad}*')
    await spoil(client, stored as string)

    for (let used = 2; used < 12; used++) {
      // Both travel in one script call.
      const [good, bad, peeked] = await Promise.all([
        limiter.consume('good'),
        limiter.consume('bad'),
        limiter.peek('bad'),
      ])
      expect(good).toMatchObject({ source: 'store', used })
      expect(bad).toMatchObject({ source: 'local', used })
      expect(peeked).toMatchObject({ source: 'local' })
    }
    expect(told).toMatchObject([{ code: 'STATE_MALFORMED', message: expect.stringContaining('{bad}') }])

    await limiter.reset('bad')
    expect(await limiter.consume('bad')).toMatchObject({ source: 'store', used: 1 })
    expect(await limiter.consume('good')).toMatchObject({ source: 'store', used: 12 })
  })
})
