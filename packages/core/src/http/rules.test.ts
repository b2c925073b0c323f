import { describe, expect, it, test } from 'vitest'
import { quota, slidingWindow, tokenBucket } from '../index.js'
import { createLimiter } from '../limiter.js'
import { checkFunction } from '../options.js'
import { memoryStore } from '../stores/memory.js'
import { type FakeRequest, reader } from '../testing/reader.js'
import { failure, scriptedStore } from '../testing/scripted-store.js'
import { checkDefaults, withDefaults } from './defaults.js'
import { createGate } from './gate.js'
import type { GateOptions } from './options.js'

const policy = slidingWindow({ limit: 5, window: '1m' })
const limiter = createLimiter({ policies: { minute: policy } })
const LIMIT = { limit: 5, window: '1m' }

const build = (options: unknown) => () =>
  createGate(reader, options as GateOptions<FakeRequest>, { onRefuse: checkFunction })
const coded = (code: string, message: string | RegExp = '') =>
  expect.objectContaining({
    code,
    message: typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message),
  })

describe('the four forms', () => {
  test.each<[string, object, string[]]>([
    ['limit', LIMIT, ['default']],
    ['limit, named', { ...LIMIT, name: 'standard' }, ['standard']],
    ['limit, a function', { ...LIMIT, limit: () => 5 }, ['default']],
    ['policy', { policy: tokenBucket({ limit: 5, window: '1s' }) }, ['default']],
    ['policies', { policies: { a: policy, b: { policy } }, name: 'both' }, ['a', 'b']],
    ['limiter', { limiter }, ['minute']],
  ])('%s', (_, options, names) => {
    expect(Object.keys(build(options)().limiter.policies)).toEqual(names)
  })

  test.each<[string, unknown, string, string]>([
    [
      'nothing',
      {},
      'OPTION_MISSING',
      'exactly one of `limit` with `window`, `policy`, `policies` and `limiter`; it got none',
    ],
    [
      'limit and policy',
      { limit: 5, policy },
      'OPTION_CONFLICT',
      'it got `limit` and `policy`. The policy has the limit: write rateLimit({ policy }).',
    ],
    [
      "each caller's limit and policy",
      { limit: () => 5, policy },
      'OPTION_CONFLICT',
      'write rateLimit({ policies: { default: { policy, limit } } }).',
    ],
    [
      'limit, policy and policies',
      { limit: 5, policy, policies: { a: policy } },
      'OPTION_CONFLICT',
      "it got `limit` and `policy` and `policies`. Write rateLimit({ limit: 100, window: '1m' }).",
    ],
    [
      'limit and policies',
      { ...LIMIT, policies: { a: policy } },
      'OPTION_CONFLICT',
      'it got `limit` and `policies`',
    ],
    ['limit and limiter', { ...LIMIT, limiter }, 'OPTION_CONFLICT', 'it got `limit` and `limiter`'],
    [
      'policy and policies',
      { policy, policies: { a: policy } },
      'OPTION_CONFLICT',
      'it got `policy` and `policies`',
    ],
    ['policy and limiter', { policy, limiter }, 'OPTION_CONFLICT', 'it got `policy` and `limiter`'],
    [
      'policies and limiter',
      { policies: { a: policy }, limiter },
      'OPTION_CONFLICT',
      'it got `policies` and `limiter`',
    ],
    ['limit alone', { limit: 5 }, 'OPTION_MISSING', "rateLimit({ limit: 100, window: '1m' })"],
    ['window alone', { window: '1m' }, 'OPTION_MISSING', 'it got none'],
    ['window and policy', { policy, window: '1m' }, 'OPTION_CONFLICT', 'it belongs into the policy'],
    ['window and limiter', { limiter, window: '1m' }, 'OPTION_CONFLICT', '`window`'],
    [
      'name and limiter',
      { limiter, name: 'mine' },
      'OPTION_CONFLICT',
      '`name` belongs to the limiter that you built',
    ],
    ['store and limiter', { limiter, store: memoryStore() }, 'OPTION_CONFLICT', '`store` belongs'],
    ['clock and limiter', { limiter, clock: () => 0 }, 'OPTION_CONFLICT', '`clock` belongs'],
    ['deadline and limiter', { limiter, deadline: '5ms' }, 'OPTION_CONFLICT', '`deadline` belongs'],
    ['fallback and limiter', { limiter, fallback: 'deny' }, 'OPTION_CONFLICT', '`fallback` belongs'],
    ['denyCache and limiter', { limiter, denyCache: 0 }, 'OPTION_CONFLICT', '`denyCache` belongs'],
    ['onError and limiter', { limiter, onError() {} }, 'OPTION_CONFLICT', '`onError` belongs'],
    ['no object', undefined, 'OPTION_INVALID', 'rateLimit takes an object of options, not undefined'],
    ['a number', 100, 'OPTION_INVALID', 'not 100'],
    ['a list', [LIMIT], 'OPTION_INVALID', 'not an array'],
  ])('%s: a coded error', (_, options, code, message) => {
    expect(build(options)).toThrow(coded(code, message))
  })
})

describe('an option that does not exist', () => {
  test.each([
    // express-rate-limit
    ['windowMs', 'window'],
    ['concurrency', 'Write `policy: concurrency({ limit, lease })`.'],
    ['lease', 'Write `policy: concurrency({ limit, lease })`.'],
    ['max', 'limit'],
    ['keyGenerator', 'key'],
    ['message', 'body'],
    ['statusCode', 'status'],
    ['handler', 'onRefuse'],
    ['standardHeaders', "headers: ['ratelimit']"],
    ['legacyHeaders', "headers: ['x-ratelimit']"],
    ['requestPropertyName', 'middleware.decision(req)'],
    ['skipFailedRequests', "refund: 'failed'"],
    ['skipSuccessfulRequests', "refund: 'successful'"],
    ['requestWasSuccessful', 'refund: ({ status })'],
    ['identifier', 'name'],
    ['ipv6Subnet', 'byIp({ ipv6Subnet })'],
    ['onLimitReached', 'onDecision'],
    ['validate', 'checked once'],
    ['passOnStoreError', "fallback: 'allow'"],
    // others
    ['points', 'limit'],
    ['duration', 'window'],
    ['keyPrefix', 'name'],
    ['prefix', 'name'],
    ['trustProxy', 'byIp({ trustProxy })'],
    ['whitelist', 'skip'],
    ['blacklist', 'limit: (req) => 0'],
    ['algorithm', 'policy: tokenBucket'],
    ['burst', 'policy: tokenBucket({ limit, window, burst })'],
    ['segments', 'policy: slidingWindow({ limit, window, segments })'],
    ['chargeRefused', 'chargeRefused: true'],
    ['hidden', 'hidden: true'],
    ['code', "code: 'THROTTLED'"],
    ['unit', "unit: 'tokens'"],
    ['warnAt', 'warnAt: 0.8'],
    ['onWarns', '`onWarn`?'],
    ['when', 'skip'],
    ['storeClient', 'store: redisStore({ client })'],
    ['timeout', "deadline: '50ms'"],
    ['ephemeralCache', "denyCache: '1s'"],
    ['redis', 'store: redisStore({ client })'],
    ['client', 'store: redisStore({ client })'],
    ['maxKeys', 'memoryStore({ maxKeys })'],
    ['interval', "window: '1m'"],
    ['ttl', "window: '1m'"],
    ...['penalty', 'blockDuration', 'ban', 'cooldown'].map((option) => [option, 'policy: penalty(']),
    ...['quota', 'period', 'timeZone'].map((option) => [option, 'policy: quota(']),
    ['queue', 'policy: leakyBucket('],
    ['dryRun', 'Write `shadow`'],
    ['onWarning', 'Write `onWarn`'],
    ['onLimit', 'Write `onRefuse`'],
    // slips
    ['limits', '`limit`?'],
    ['Window', '`window`?'],
    ['onDecisions', '`onDecision`?'],
    ['onrefuse', '`onRefuse`?'],
    ['header', '`headers`?'],
    ['polices', '`policies`?'],
    ['somethingElse', 'It knows `limit`'],
  ])('%s: says %s', (option, advice) => {
    expect(build({ ...LIMIT, [option]: 1 })).toThrow(coded('OPTION_UNKNOWN', `has no option \`${option}\``))
    expect(build({ ...LIMIT, [option]: 1 })).toThrow(coded('OPTION_UNKNOWN', advice))
  })

  test.each([
    ['keyGenerator', 'key'],
    ['max', 'policy: slidingWindow('],
    ['windowMs', 'policy: slidingWindow('],
    ['window', 'policy: slidingWindow('],
    ['keys', '`key`?'],
    ['costs', '`cost`?'],
    ['burst', 'policy: tokenBucket('],
    ['hidden', 'hidden: true'],
    ['shadow', 'shadow: true'],
    ['skip', 'when'],
    ['name', 'named by its place'],
    ['refund', 'beside `policies`'],
  ])('%s in a rule: says %s', (option, advice) => {
    const rule = build({ policies: { user: { policy, [option]: 1 } } })
    expect(rule).toThrow(coded('OPTION_UNKNOWN', `The rule 'user' has no option \`${option}\``))
    expect(rule).toThrow(coded('OPTION_UNKNOWN', advice))
  })

  it('of one adapter is none of another', () => {
    expect(build({ ...LIMIT, onRefuse: () => {} })).not.toThrow()
    expect(build({ ...LIMIT, errors: 'throw' })).toThrow(coded('OPTION_UNKNOWN'))
  })
})

describe('a value that cannot be', () => {
  const f = 'it must be a function'
  test.each<[object, string, string]>([
    [{ key: 'user' }, 'OPTION_INVALID', `\`key\` is "user": ${f}`],
    [{ skip: true }, 'OPTION_INVALID', `\`skip\` is true: ${f}`],
    [{ onDecision: 1 }, 'OPTION_INVALID', `\`onDecision\` is 1: ${f}`],
    [{ clock: 1 }, 'OPTION_INVALID', `\`clock\` is 1: ${f}`],
    [{ onError: 1 }, 'OPTION_INVALID', `\`onError\` is 1: ${f}`],
    [{ deadline: 50 }, 'OPTION_INVALID', "write '50ms' or '50s'"],
    [{ deadline: '1h' }, 'OPTION_INVALID', "write at most '1m'"],
    [{ denyCache: 1 }, 'OPTION_INVALID', "write '1ms' or '1s'"],
    [{ fallback: 'open' }, 'OPTION_INVALID', "write one of 'local', 'allow', 'deny'"],
    [{ cost: -1 }, 'COST_INVALID', '`cost` is -1'],
    [{ cost: 0.5 }, 'COST_INVALID', '`cost` is 0.5'],
    [{ cost: '1' }, 'COST_INVALID', '`cost` is "1"'],
    [{ cost: Number.NaN }, 'COST_INVALID', '`cost` is NaN'],
    [{ refund: 'fail' }, 'OPTION_INVALID', "write one of 'failed', 'successful', or a function."],
    [{ refund: true }, 'OPTION_INVALID', '`refund` is true'],
    [{ body: 'html' }, 'OPTION_INVALID', "write one of 'problem', 'json', or a function."],
    [{ shadow: 'yes' }, 'OPTION_INVALID', 'write true or false'],
    [{ headers: 'ratelimit' }, 'OPTION_INVALID', "write a list such as ['x-ratelimit'] or [yourFunction]"],
    [{ headers: true }, 'OPTION_INVALID', '`headers` is true'],
    [{ headers: () => ({}) }, 'OPTION_INVALID', '`headers` is a function: write a list such as '],
    [{ headers: ['x-rate-limit'] }, 'OPTION_INVALID', 'Did you mean `x-ratelimit`?'],
    [{ headers: ['draft-6'] }, 'OPTION_INVALID', '"draft-6"'],
    [{ headers: ['toString'] }, 'OPTION_INVALID', '"toString"'],
    [{ headers: [null] }, 'OPTION_INVALID', 'null'],
    [{ headers: ['ratelimit', 'ratelimit-6'] }, 'OPTION_CONFLICT', '"ratelimit" and "ratelimit-6"'],
    [{ shadow: true, headers: ['draft-6'] }, 'OPTION_INVALID', '"draft-6"'],
    [{ status: 403 }, 'OPTION_INVALID', 'write it for a code, { RATE_LIMIT_EXCEEDED: 403 }'],
    [{ status: { QUOTA: 403 } }, 'OPTION_UNKNOWN', '`status` has no code `QUOTA`'],
    [{ status: { QUOTA_EXCEEDED: 200 } }, 'OPTION_INVALID', 'a status from 400 to 599'],
    [{ status: { QUOTA_EXCEEDED: '403' } }, 'OPTION_INVALID', 'a status from 400 to 599'],
    [{ limit: 0 }, 'LIMIT_INVALID', '`limit` is 0'],
    [{ limit: Number.POSITIVE_INFINITY }, 'LIMIT_INVALID', 'limit: Infinity'],
    [{ limit: '5' }, 'LIMIT_INVALID', '`limit` is "5"'],
    [{ window: 60 }, 'WINDOW_INVALID', "write '60s' or '60ms'"],
    [{ window: '1 month' }, 'WINDOW_INVALID', '`window` is "1 month"'],
    [{ name: 'My API' }, 'NAME_INVALID', '"My API"'],
    [{ store: memoryStore() }, 'NAME_REQUIRED', 'needs a `name`'],
    [{ store: {} }, 'OPTION_INVALID', '`store` is an object'],
    [{ key: null }, 'OPTION_INVALID', `\`key\` is null: ${f}`],
  ])('%j', (options, code, message) => {
    expect(build({ ...LIMIT, ...options })).toThrow(coded(code, message))
  })

  test.each<[object, string, string]>([
    [
      { policy: { limit: 5, window: '1m' } },
      'POLICY_INVALID',
      '`policy` is an object: make it with slidingWindow()',
    ],
    [{ policy: slidingWindow }, 'POLICY_INVALID', '`policy` is a function'],
    [{ policies: {} }, 'OPTION_MISSING', 'at least one policy'],
    [{ policies: { user: {} } }, 'POLICY_INVALID', "`policy` of the rule 'user' is undefined"],
    [{ policies: { user: 5 } }, 'OPTION_INVALID', "The rule 'user' takes an object of options, not 5"],
    [{ policies: { User: policy } }, 'NAME_INVALID', '"User"'],
    [{ policies: { user: { policy, key: 'ip' } } }, 'OPTION_INVALID', "`key` of the rule 'user' is "],
    [{ policies: { user: { policy, when: true } } }, 'OPTION_INVALID', "`when` of the rule 'user' is "],
    [{ policies: { user: { policy, limit: 5 } } }, 'OPTION_INVALID', "`limit` of the rule 'user' is "],
    [{ policies: { user: { policy, cost: -1 } } }, 'COST_INVALID', "`cost` of the rule 'user' is "],
    [{ limiter: {} }, 'OPTION_INVALID', 'pass what createLimiter() returned'],
    [{ limiter: 'api' }, 'OPTION_INVALID', '`limiter` is "api"'],
    [{ limiter, cost: -1 }, 'COST_INVALID', '`cost` is -1'],
    [{ limiter, cost: { minute: -1 } }, 'COST_INVALID', "`cost` of 'minute' is -1"],
    [{ limiter, cost: { hour: 1 } }, 'OPTION_UNKNOWN', 'hour'],
  ])('%j', (options, code, message) => {
    expect(build(options)).toThrow(coded(code, message))
  })
})

describe('shared defaults', () => {
  const defaults = { key: () => 'shared', store: memoryStore(), name: 'shared', headers: [] }

  it('stand where a limiter says nothing, or undefined', () => {
    expect(withDefaults(defaults, { key: undefined as never, name: 'own' } as object)).toEqual({
      ...defaults,
      name: 'own',
    })
  })

  it('leave a limiter that was built its own name, store and clock', () => {
    const options = withDefaults<object>({ ...defaults, clock: () => 0 }, { limiter })
    expect(options).toEqual({ key: defaults.key, headers: [], limiter })
    expect(build(options)().limiter).toBe(limiter)
  })

  it.each(['limit', 'window', 'policy', 'policies', 'limiter', 'max', 'windowMs', 'points', 'duration'])(
    'have no %s: what has one was meant to be a middleware',
    (option) => {
      const advice = "Write `rateLimit({ limit: 100, window: '1m' })`, or give limits to what it returns."
      const message = `createRateLimit has no option \`${option}\`. ${advice}`
      expect(() => checkDefaults({ ...defaults, [option]: 1 })).toThrow(coded('OPTION_UNKNOWN', message))
    },
  )

  it('have the options of the adapter, and words for those of other libraries', () => {
    expect(() => checkDefaults({ ...defaults, onRefuse() {} }, { onRefuse: checkFunction })).not.toThrow()
    expect(() => checkDefaults({ ...defaults, onRefuse() {} })).toThrow(coded('OPTION_UNKNOWN', '`onRefuse`'))
    expect(() => checkDefaults({ handler() {} })).toThrow(coded('OPTION_UNKNOWN', 'Write `onRefuse`.'))
    expect(() => checkDefaults(new (class Request {})())).toThrow(
      coded('OPTION_INVALID', 'Call it first: `createRateLimit(...)`.'),
    )
  })

  it('are not those of a request: who was given one was not called first', () => {
    const advice =
      "Write `app.use(rateLimit({ limit: 100, window: '1m' }))`; call what createRateLimit() returned, too."
    const withRequest = () => withDefaults<object>(defaults, new (class Request {})())
    expect(withRequest).toThrow(coded('OPTION_INVALID', advice))
    // `rateLimit()` is told which forms there are.
    expect(withDefaults<object>(defaults, undefined as never)).toEqual(defaults)
  })
})

describe('what surrounds an asynchronous store', () => {
  const gone = () => {
    const store = scriptedStore()
    store.does = failure
    return store
  }
  const own = { name: 'own', ...LIMIT, key: () => 'k' }

  it('is handed on to the limiter', async () => {
    const told: unknown[] = []
    const onError = (error: unknown) => told.push(error)
    const { limiter } = build({ ...own, store: gone(), fallback: 'allow', onError })()
    for (let i = 0; i < 6; i++) expect(await limiter.consume('k')).toMatchObject({ source: 'fallback' })
    expect(told).toMatchObject([{ code: 'STORE_FAILED' }])
  })

  it('is handed on from shared defaults, which a limiter may overrule', async () => {
    const defaults = { store: gone(), fallback: 'deny', onError() {} } as const
    const sourceOf = async (options: object) =>
      (await build(withDefaults<object>(defaults, { ...own, ...options }))().limiter.consume('k')).source
    expect(await sourceOf({})).toBe('fallback')
    expect(await sourceOf({ fallback: undefined })).toBe('fallback')
    expect(await sourceOf({ fallback: 'local' })).toBe('local')
    const { limiter: shared } = build(withDefaults<object>(defaults, { limiter }))()
    expect(shared).toBe(limiter)
  })

  it('is a deadline, and a deny cache that can be turned off', async () => {
    const store = scriptedStore()
    const cached = build({ ...own, store, deadline: '1m' })().limiter
    const asking = build({ ...own, name: 'asking', store, denyCache: 0 })().limiter
    for (const [limiter, source] of [
      [cached, 'deny-cache'],
      [asking, 'store'],
    ] as const) {
      for (let i = 0; i < 6; i++) await limiter.consume('k')
      expect((await limiter.consume('k')).source).toBe(source)
    }
  })
})

describe('what cannot work', () => {
  const bucket = tokenBucket({ limit: 5, window: '1s' })

  test.each<[string, unknown, string, string]>([
    [
      'a limit that is undefined',
      { limit: undefined, window: '1m' },
      'LIMIT_INVALID',
      '`limit` is undefined',
    ],
    ['a name with capitals', { ...LIMIT, name: 'perUser' }, 'NAME_INVALID', 'The limiter "perUser"'],
    ['a name that could be', { ...LIMIT, name: 'My API' }, 'NAME_INVALID', "Write 'my-api'."],
    ['a cost above the limit', { ...LIMIT, cost: 6 }, 'COST_INVALID', 'can never hold more than 5'],
    [
      'a cost above the burst of one rule',
      { cost: 9, policies: { wide: tokenBucket({ limit: 9, window: '1s' }), narrow: { policy: bucket } } },
      'COST_INVALID',
      "policy 'narrow' can never hold more than 5",
    ],
    ['policies in an array', { policies: [bucket] }, 'POLICY_INVALID', 'a record'],
    ['an instance for options', new (class Context {})(), 'OPTION_INVALID', 'Call it first'],
  ])('%s', (_, options, code, message) => {
    expect(build(options)).toThrow(coded(code, message))
  })

  it.each<[string, () => unknown, string]>([
    ['undefined', () => undefined, 'yielded undefined: with no `policy` to have one it must always yield'],
    ['undefined, later', async () => undefined, 'a limit, `limitOf(req) ?? 100`.'],
    ['a string', () => '5', '`limit` of policy \'default\' is "5": it must be a whole number, 0 or more.'],
    ['null', () => null, "`limit` of policy 'default' is null: it must be a whole number, 0 or more."],
  ])('is a `limit` function that yields %s', async (_, limit, message) => {
    const gate = build({ limit, window: '1m', key: () => 'k' })()
    await expect(async () => gate.enter({})).rejects.toThrow(coded('LIMIT_INVALID', message))
    await expect(gate.explain({})).rejects.toThrow(coded('LIMIT_INVALID', message))
  })

  it('is a key of a `limit` function without a limit', async () => {
    const { limiter } = build({ limit: () => 5, window: '1m' })()
    const message = "Policy 'default' has no limit of its own: pass one with the call, `{ limit: 100 }`."
    await expect(limiter.peek('k')).rejects.toThrow(coded('LIMIT_INVALID', message))
    expect(await limiter.peek('k', { limit: 5 })).toMatchObject({ limit: 5, remaining: 4 })
  })

  it('is let pass where the limit is not known, or never refuses', () => {
    expect(build({ cost: 6, limit: () => 10, window: '1m' })).not.toThrow()
    const soft = quota({ limit: 5, period: 'day', overage: 'allow' })
    expect(build({ cost: 6, policy: soft })).not.toThrow()
  })
})
