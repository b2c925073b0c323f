import { setTimeout as sleep } from 'node:timers/promises'
import {
  concurrency,
  createLimiter,
  fixedWindow,
  type Policy,
  penalty,
  type SpillwayError,
  slidingCounter,
  slidingLog,
  slidingWindow,
  tokenBucket,
} from '@spillway/core'
import { expect, it } from 'vitest'
import { redisStore } from '../index.js'
import { until } from '../testing/cluster.js'
import { ready } from '../testing/ready.js'
import { startServer } from '../testing/server.js'
import { connect, describeFault, describeServers, limiterOn } from './clients.js'
import { startTraffic } from './traffic.js'

const NINES = '9'.repeat(40)
const [window, limit] = ['1h', 10_000] as const
const [fixed, sliding] = [fixedWindow({ limit, window }), slidingWindow({ limit, window })]
const punished = penalty(fixed, { first: '1m', max: '1h' })

/** What is strange, under which policy, and the text; none is a value of another type. */
const STRANGE: readonly [string, Policy, string?][] = [
  ['of another type', sliding],
  ['of somebody else', sliding, '{"count":3}'],
  ['cut short', sliding, '1 1900000000000 1'],
  ['of nothing at all', sliding, ''],
  ['whose window never ends', fixed, `0 ${NINES} 1`],
  ['that counts beyond all numbers', fixed, `0 1 ${'9'.repeat(17)}`],
  ['that never drains', tokenBucket({ limit, window }), `${NINES} 1 1`],
  ['of a distant day', slidingCounter({ limit, window }), `${NINES} 1 1`],
  ['that was charged on a distant day', sliding, `1 ${NINES} 1 0`],
  ['whose oldest charge is of a distant day', sliding, `2 1900000000000 1 1 ${NINES} 1`],
  ['of a penalty cut short', punished, '1'],
  ['of a penalty that stands around nothing', punished, ' 0 0'],
  ['whose penalty never ends', punished, `0 ${'9'.repeat(13)} 1 ${NINES} 1`],
  ['punished more often than can be counted', punished, `0 ${'9'.repeat(13)} 1 0 ${NINES}`],
  ['of a holder who never ends', concurrency({ limit, lease: '1h' }), `1 ${NINES} 1 5;`],
]

/** Puts it in the place of what is there, as one command. */
async function spoil(client: ReturnType<typeof connect>, key: string, text?: string): Promise<void> {
  const [stored] = (await client.keys(`*{${key}}*`)) as [string]
  if (text === undefined) await client.multi().del(stored).hset(stored, 'field', 'value').exec()
  else await client.set(stored, text)
}

describeServers('a value under a key of ours', () => {
  it.each(STRANGE)('%s concerns that key only, until it is reset', async (_, policy, text) => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const told: SpillwayError[] = []
    const onError = (error: SpillwayError) => void told.push(error)
    const limiter = limiterOn(client, { policies: { all: policy }, deadline: '5s', onError })
    const ask = async (key: string) => (await limiter.reserve(key)).decision
    await Promise.all(['good', 'bad', 'other'].map(ask))
    await spoil(client, 'bad', text)

    for (let used = 2; used < 12; used++) {
      // All travel in one script call.
      const [good, bad, other, peeked] = await Promise.all([
        ...['good', 'bad', 'other'].map(ask),
        limiter.peek('bad'),
      ])
      for (const decision of [good, other]) expect(decision).toMatchObject({ source: 'store', used })
      expect(bad).toMatchObject({ source: 'local', used })
      expect(peeked).toMatchObject({ source: 'local' })
    }
    expect(told).toMatchObject([{ code: 'STATE_MALFORMED', message: expect.stringContaining('{bad}') }])

    await limiter.reset('bad')
    expect(await ask('bad')).toMatchObject({ source: 'store', used: 1 })
    expect(await ask('good')).toMatchObject({ source: 'store', used: 12 })
  })

  it('that shows only midway leaves no half of a decision to others of the same call', async () => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    let now = 1_900_000_000_000
    const limiter = createLimiter({
      name: 'midway',
      store: redisStore({ client }),
      policies: {
        first: tokenBucket({ limit: 100, window: '1h' }),
        second: slidingLog({ limit: 100, window: '1h' }),
      },
      clock: () => now,
      deadline: '5s',
      onError: () => {},
    })
    const later = async <T>(ask: () => Promise<T>) => {
      now += 1
      return ask()
    }
    await later(() => limiter.consume('k'))
    await later(() => limiter.consume('k'))
    const held = await later(() => limiter.reserve('k', { cost: 5 }))
    await later(() => limiter.consume('k'))
    const [log] = (await client.keys('*:second:*')) as [string]
    const entries = ((await client.get(log)) as string).split(' ')
    // A decision reads the oldest entry. Only who looks for the reservation's comes by this one.
    await client.set(log, entries.with(-3, 'x').join(' '))

    const [cancelled, { source, used }] = await Promise.all([
      held.cancel(),
      limiter.consume({ first: 'k', second: null }),
    ])
    expect({ cancelled, source, used }).toEqual({ cancelled: false, source: 'store', used: 9 })
    expect(await limiter.peek({ first: 'k', second: null }, { cost: 0 })).toMatchObject({ used: 9 })
  })

  const END = 1_900_000_000_000
  it.each([
    ['', 'consume'],
    ['1', 'consume'],
    ['1 ', 'peek'],
    [`0 ${END} 1 5;`, 'consume'],
    [`1 ${END} 1 5`, 'consume'],
    [`1 ${END} 1;`, 'peek'],
    [`1 x 1 5;${END} 1 7;`, 'consume'],
    [`2 ${END} 1 5;x`, 'renew'],
    [`1 ${END} 1 5 7;`, 'renew'],
    [`1 ${END}  5;`, 'release'],
    [`1 ${NINES} 1 5;`, 'peek'],
    [`${NINES} ${END} 1 5;`, 'consume'],
    [`1 ${END} ${NINES} 5;`, 'release'],
    // Here only the last one says when all has ended, which is how long the key is to live.
    [`1 ${END} 1 5;${END} 0 6;x`, 'release'],
  ] as const)('%j, that is no leases, is told to who would %s', async (text, mode) => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const policies = [{ ...concurrency({ limit: 9, lease: '1h' }), name: 'slots' }]
    const apply = redisStore({ client }).prepare({ name: 'leases', policies })
    const op = { policy: 0, key: 'k', cost: 1, limit: 9, fits: true, id: 5 }
    const key = 'spillway:{k}:leases:slots:concurrency:1'
    await client.set(key, text)
    await expect(apply([op], mode)).rejects.toMatchObject({ code: 'STATE_MALFORMED' })
    expect(await client.get(key)).toBe(text)
    await apply([op], 'reset')
    expect((await apply([op], 'consume')).results).toMatchObject([
      { passed: true, reply: [1, 0, expect.any(Number)] },
    ])
  })

  it('that shows only where all is to be written leaves no half of a decision either', async () => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const policies = ['a', 'b'].map((name) => ({ ...concurrency({ limit: 9, lease: '1h' }), name }))
    const apply = redisStore({ client }).prepare({ name: 'leases', policies })
    const op = (policy: number) => ({ policy, key: 'k', cost: 1, limit: 9, fits: true, id: 5 })
    await apply([op(0), op(1)], 'consume')
    await client.set('spillway:{k}:leases:b:concurrency:1', `1 ${END} 1 5;${END} 0 6;x`)
    const [released, peeked] = await Promise.allSettled([
      apply([op(0), op(1)], 'release'),
      apply([{ ...op(0), cost: 0 }], 'peek'),
    ])
    expect(released).toMatchObject({ reason: { code: 'STATE_MALFORMED' } })
    expect(peeked).toMatchObject({ value: { results: [{ reply: [1, 0, expect.any(Number)] }] } })
  })

  it('of an adjustment has it made not at all', async () => {
    const server = await startServer()
    const client = await ready(connect(server.port))
    const policies = [{ ...tokenBucket({ limit: 100, window: '1000d' }), name: 'tokens' }]
    const apply = redisStore({ client }).prepare({ name: 'limits', policies })
    const op = { policy: 0, key: 'k', cost: 3, limit: 100, fits: true, mark: 0, id: 8 }
    await apply([op], 'adjust')
    const [known] = (await client.keys('*:8')) as [string]
    const used = async () => (await apply([{ ...op, cost: 0 }], 'peek')).results
    const [before, message] = [await used(), expect.stringContaining(known)]
    const failure = expect.objectContaining({ code: 'STATE_MALFORMED', message })
    for (const strange of ['x', 'inf', '0x10', '1e9', '-1', '', NINES]) {
      await client.set(known, strange)
      await expect(apply([op], 'adjust'), strange).rejects.toEqual(failure)
    }
    await client.del(known)
    await client.hset(known, 'field', '1')
    await expect(apply([op], 'adjust')).rejects.toEqual(failure)
    expect(await used()).toEqual(before)
    expect(before[0]?.reply).not.toEqual([0, 0, 0])
  })
})

/** Nobody asks for slots again and again and gives none back. */
const CHARGED = STRANGE.filter(([, { algorithm }]) => algorithm.lease === undefined)

describeFault('a value under a key of ours, under traffic,', () => {
  it.concurrent.each(CHARGED)(
    '%s is stood in for alone, until it is reset',
    {
      timeout: 30_000,
    },
    async (_, policy, text) => {
      const server = await startServer()
      const client = await ready(connect(server.port))
      const told: SpillwayError[] = []
      const onError = (error: SpillwayError) => void told.push(error)
      const limiter = limiterOn(client, { policies: { all: policy }, onError })
      const traffic = startTraffic(limiter, { keys: ['good', 'bad', 'other'] })
      for (const key of ['good', 'bad', 'other']) await traffic.recovery(0, key)

      await spoil(await ready(connect(server.port)), 'bad', text)
      const spoiled = performance.now()
      await until(async () => told.length > 0 && traffic.sources(spoiled).includes('local'))
      await sleep(500)
      const reset = performance.now()
      const during = traffic.seen.filter(({ at }) => at >= spoiled && at < reset)
      await limiter.reset('bad')
      const recovered = await traffic.recovery(performance.now(), 'bad')
      await traffic.stop()

      const sources = (wanted: boolean) =>
        new Set(during.filter(({ key }) => (key === 'bad') === wanted).map(({ decision }) => decision.source))
      expect([sources(true), sources(false)]).toEqual([new Set(['local']), new Set(['store'])])
      expect(told).toMatchObject([{ code: 'STATE_MALFORMED' }])
      expect(recovered - reset).toBeLessThan(2000)
    },
  )
})
