import { createLimiter, tokenBucket } from '@spillway/core'
import { Cluster, Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clusterOptions, type RedisClient, redisOptions, redisStore } from './index.js'

const client: RedisClient = { evalsha: async () => [], eval: async () => [] }

describe('redisStore', () => {
  it.each([
    ['nothing', undefined, 'OPTION_INVALID', 'redisStore({ client: new Redis(url, redisOptions) })'],
    ['null', null, 'OPTION_INVALID', 'redisStore({ client: new Redis('],
    ['a client', client, 'OPTION_INVALID', 'redisStore({ client })'],
    ['no client', {}, 'OPTION_MISSING', 'new Redis(url, redisOptions)'],
    ['a URL', { client: 'redis://127.0.0.1' }, 'OPTION_INVALID', '`evalsha` and `eval`'],
    ['null as a client', { client: null }, 'OPTION_INVALID', '`evalsha` and `eval`'],
    ['half a client', { client: { evalsha: client.evalsha } }, 'OPTION_INVALID', '`evalsha` and `eval`'],
    ['an empty prefix', { client, prefix: '' }, 'OPTION_INVALID', '`prefix`'],
    ['a prefix that is no string', { client, prefix: 7 }, 'OPTION_INVALID', '`prefix`'],
    [
      'an address',
      { url: 'redis://127.0.0.1' },
      'OPTION_UNKNOWN',
      'Write redisStore({ client: new Redis(url',
    ],
    ["another store's `redis`", { redis: client }, 'OPTION_UNKNOWN', '`client`'],
    ["another store's `storeClient`", { storeClient: client }, 'OPTION_UNKNOWN', '`client`'],
    ["another store's `sendCommand`", { client, sendCommand: () => {} }, 'OPTION_UNKNOWN', '`client`'],
    ["another store's `keyPrefix`", { client, keyPrefix: 'p' }, 'OPTION_UNKNOWN', '`prefix`'],
    ['an option of nobody', { client, ttl: 60 }, 'OPTION_UNKNOWN', '`client` and `prefix`'],
    ['toString', { client, toString: 1 }, 'OPTION_UNKNOWN', '`client` and `prefix`'],
  ])('takes no %s', (_what, options, code, advice) => {
    const make = () => redisStore(options as never)
    expect(make).toThrow(expect.objectContaining({ name: 'SpillwayError', code }))
    expect(make).toThrow(advice)
  })

  it('gives no consumeSync, and a limiter on it needs a name', () => {
    const [store, policies] = [redisStore({ client }), { policy: tokenBucket({ limit: 1, window: '1s' }) }]
    expect(createLimiter({ name: 'redis', policies, store })).not.toHaveProperty('consumeSync')
    expect(() => createLimiter({ policies, store })).toThrow(
      expect.objectContaining({ code: 'NAME_REQUIRED' }),
    )
  })
})

describe("a client's options", () => {
  let warned: string[]
  beforeEach(() => {
    warned = []
    vi.spyOn(console, 'warn').mockImplementation((message: string) => void warned.push(message))
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const redis = (options: object) => new Redis({ lazyConnect: true, ...options })
  const cluster = (options: object) => new Cluster([{ port: 1 }], { lazyConnect: true, ...options })

  it('are right as exported', () => {
    redisStore({ client: redis(redisOptions) })
    redisStore({ client: cluster(clusterOptions) })
    redisStore({ client })
    expect(warned).toEqual([])
  })

  it.each([
    ['enableOfflineQueue: false', redis, { ...redisOptions, enableOfflineQueue: true }],
    ['autoResendUnfulfilledCommands: false', redis, { ...redisOptions, autoResendUnfulfilledCommands: true }],
    ['maxRetriesPerRequest: 0', redis, { ...redisOptions, maxRetriesPerRequest: null }],
    ['maxRetriesPerRequest: 0', redis, { ...redisOptions, maxRetriesPerRequest: undefined }],
    ['maxRetriesPerRequest: 0', redis, { ...redisOptions, maxRetriesPerRequest: 1 }],
    ['socketTimeout: 1000', redis, { ...redisOptions, socketTimeout: undefined }],
    ["role: 'master'", redis, { ...redisOptions, sentinels: [{ port: 1 }], name: 'm', role: 'slave' }],
    ['readOnly: false', redis, { ...redisOptions, readOnly: true }],
    ['enableOfflineQueue: false', cluster, { ...clusterOptions, enableOfflineQueue: true }],
    ['retryDelayOnFailover: 0', cluster, { ...clusterOptions, retryDelayOnFailover: 100 }],
    ['retryDelayOnClusterDown: 0', cluster, { ...clusterOptions, retryDelayOnClusterDown: undefined }],
    ['retryDelayOnTryAgain: 10', cluster, { ...clusterOptions, retryDelayOnTryAgain: undefined }],
    ['retryDelayOnTryAgain: 10', cluster, { ...clusterOptions, retryDelayOnTryAgain: 11 }],
    [
      'socketTimeout: 1000',
      cluster,
      { ...clusterOptions, redisOptions: { ...clusterOptions.redisOptions, socketTimeout: undefined } },
    ],
    ["scaleReads: 'master'", cluster, { ...clusterOptions, scaleReads: 'slave' }],
    [
      'autoResendUnfulfilledCommands: false',
      cluster,
      {
        ...clusterOptions,
        redisOptions: { ...clusterOptions.redisOptions, autoResendUnfulfilledCommands: true },
      },
    ],
  ])('are warned of where `%s` is to be written (%o)', (advice, make, options) => {
    redisStore({ client: make(options) })
    expect(warned).toHaveLength(1)
    const [message] = warned as [string]
    expect(message).toContain('[REDIS_CLIENT_OPTIONS]')
    expect(message.match(/\(`[^`]+`\)/g)).toEqual([`(\`${advice}\`)`])
  })

  it('are warned of once for each client, all that are wrong together', () => {
    const mine = redis({})
    redisStore({ client: mine })
    redisStore({ client: mine, prefix: 'other' })
    expect(warned).toHaveLength(1)
    expect(warned[0]).toContain('`enableOfflineQueue: false`')
    expect(warned[0]).toContain('`autoResendUnfulfilledCommands: false`')
    expect(warned[0]).toContain('`maxRetriesPerRequest: 0`')
    expect(warned[0]).toContain('`socketTimeout: 1000`')
    expect(warned[0]).toContain('new Redis(url, redisOptions)')
    redisStore({ client: cluster({}) })
    expect(warned).toHaveLength(2)
    const delays = ['retryDelayOnFailover: 0', 'retryDelayOnClusterDown: 0', 'retryDelayOnTryAgain: 10']
    for (const advice of ['socketTimeout: 1000', ...delays]) expect(warned[1]).toContain(`\`${advice}\``)
    expect(warned[1]).toContain('new Cluster(nodes, clusterOptions)')
  })
})
