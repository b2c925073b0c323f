import { describe, expect, it } from 'vitest'
import { slidingWindowOf } from './algorithms/sliding-window/sliding-window.js'
import type { SpillwayErrorCode } from './errors.js'
import * as core from './index.js'

// What a caller without types may write.
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
const untyped: any = core
const { concurrency, createLimiter, memoryStore, penalty, quota, slidingCounter, slidingLog } = untyped
const { fixedWindow, leakyBucket, slidingWindow, spikeArrest, tokenBucket } = untyped

/** What is done, and words of the message: what is wrong, or what to write instead. */
type Row = readonly [call: () => unknown, says: string]

const all = [slidingWindow, slidingLog, slidingCounter, fixedWindow, tokenBucket, leakyBucket]
const withLimit = (limit: unknown) => slidingWindow({ limit, window: '1m' })
const sound = (options: object) => slidingWindow({ limit: 1, window: '1m', ...options })
const day = (options: object) => quota({ limit: 1, period: 'day', ...options })
const policies = { api: sound({}), pace: tokenBucket({ limit: 1, window: '1m' }), spike: spikeArrest('5ps') }
const build = (options: object) => createLimiter({ policies, ...options })
const limiter = build({})
const consume = (options: unknown, key: unknown = { api: 'k', pace: 'k', spike: null }) =>
  limiter.consumeSync(key, options)

const queued = (options: object = {}) =>
  concurrency({ limit: 1, lease: '1m', queue: 1, maxWait: '1s', ...options })
const punished = (options: object, policy: unknown = sound({})) =>
  penalty(policy, { first: '30s', max: '1h', ...options })
const slots = build({ policies: { slots: concurrency({ limit: 1, lease: '1m' }) } })
/** A reservation of which something is asked. */
const held = async (asked: Record<string, unknown[]>) => {
  const reservation = await limiter.reserve({ api: 'k', pace: 'k', spike: null })
  for (const [method, args] of Object.entries(asked)) await reservation[method](...args)
}

const noOption = (factory: (options: object) => unknown, option: string, says: string): Row => [
  () => factory({ [option]: 1 }),
  `has no option \`${option}\`. ${says}`,
]

/** What http and other stores are to prove. */
type Elsewhere =
  | 'CALLBACK_FAILED'
  | 'CLIENT_IP_UNKNOWN'
  | 'ROUTE_UNKNOWN'
  | 'LEASE_LOST'
  | 'STORE_FAILED'
  | 'SETTLEMENT_LOST'
  | 'STATE_MALFORMED'

// biome-ignore format: a table
const misuse: Readonly<Record<Exclude<SpillwayErrorCode, Elsewhere>, readonly Row[]>> = {
  LIMIT_INVALID: [
    [() => withLimit(Number.NaN), '`limit` is NaN: it must be a whole number, 1 or more.'],
    [() => withLimit(-1), '`limit` is -1: it must be a whole number, 1 or more.'],
    [() => withLimit(0), '`limit` is 0: it must be a whole number, 1 or more.'],
    [() => withLimit(1.5), '`limit` is 1.5'],
    [() => withLimit(Number.POSITIVE_INFINITY), '`limit` is Infinity: it must be a whole number, 1 or more. To lift a limit for one call pass `limit: Infinity` with it.'],
    [() => withLimit('100'), '`limit` is "100"'],
    [() => withLimit(100n), '`limit` is 100n'],
    [() => withLimit(null), '`limit` is null'],
    [() => withLimit(() => 5), '`limit` is a function'],
    ...all.map((factory): Row => [() => factory({ window: '1m' }), '`limit` is undefined']),
    ...all.map((factory): Row => [() => factory({ limit: 0, window: '1m' }), '`limit` is 0']),
    [() => day({ limit: 0 }), '`limit` is 0'],
    [() => tokenBucket({ limit: 1, window: '1m', burst: 0 }), '`burst` is 0: it must be a whole number, 1 or more.'],
    [() => tokenBucket({ limit: 1, window: '1m', burst: null }), '`burst` is null'],
    [() => leakyBucket({ limit: 1, window: '1m' }), '`queue` is undefined: it must be a whole number, 0 or more.'],
    [() => leakyBucket({ limit: 1, window: '1m', queue: -1 }), '`queue` is -1'],
    ...['0ps', '5', '5/s', '5PS', ' 5ps', '1.5ps', '-5ps', '05ps', 5, { rate: '5ps' }, undefined].map(
      (rate): Row => [() => spikeArrest(rate), "write the rate as '5ps' (per second) or '300pm'."],
    ),
    [() => memoryStore({ maxKeys: 0 }), '`maxKeys` is 0: it must be a whole number, 1 or more.'],
    ...[-1, 1.5, Number.NaN, '5', null, 5n].map(
      (limit): Row => [() => consume({ limit }), "`limit` of policy 'api' is "],
    ),
    [() => build({ policies: { api: slidingWindowOf(undefined, { window: '1m' }) } }).consumeSync('k'), "Policy 'api' has no limit of its own: pass one with the call, `{ limit: 100 }`."],
    [() => consume({ limit: { spike: 3 } }, { api: null, pace: null, spike: 'k' }), "spikeArrest('5ps') has a fixed rate: a call cannot bring a limit of its own, only 0 or Infinity."],
  ],

  LIMIT_TOO_LARGE: [
    [() => withLimit(2 ** 52 + 1), '`limit` is 4503599627370497: it must be at most 2^52 (4503599627370496).'],
    [() => fixedWindow({ limit: 2 ** 53, window: '1m' }), 'at most 2^52'],
    [() => day({ limit: 2 ** 53 }), 'at most 2^52'],
    [() => tokenBucket({ limit: 2 ** 40, window: '1h' }), 'units times ms must be at most 2^52.'],
    [() => tokenBucket({ limit: 1, window: '1h', burst: 2 ** 40 }), '1099511627776 units over 3600000 ms'],
    [() => leakyBucket({ limit: 1, window: '1h', queue: 2 ** 40 }), 'units times ms must be at most 2^52.'],
    [() => slidingCounter({ limit: 2 ** 40, window: '1h' }), 'limit times window must be at most 2^52; use slidingWindow.'],
    [() => concurrency({ limit: 10_001, lease: '1m' }), 'its limit is at most 10000, not 10001; count in larger units.'],
    [() => slidingLog({ limit: 1001, window: '1m' }), 'its limit is at most 1000, not 1001; use slidingWindow.'],
    [() => memoryStore({ maxKeys: 2 ** 24 }), '`maxKeys` is 16777216: it must be at most 16777215.'],
    [() => consume({ limit: { pace: 2 ** 40 } }), '1099511627776 units over 60000 ms'],
    [() => consume({ limit: { api: 2 ** 53 } }), "`limit` of policy 'api' is 9007199254740992: it must be at most 2^52"],
  ],

  RATE_UNREACHABLE: [
    [() => tokenBucket({ limit: 5000, window: '1s', burst: 4 }), '5000 units in 1000 ms can never be reached with room for 4: write `burst: 5` or more.'],
    [() => tokenBucket({ limit: 5001, window: '1s', burst: 4 }), 'write `burst: 6` or more.'],
    [() => leakyBucket({ limit: 5000, window: '1s', queue: 3 }), 'with room for 4: write `queue: 4` or more.'],
    [() => spikeArrest('1001ps'), "asks for less than 1 ms between calls: at most '1000ps'; use tokenBucket for more."],
    [() => spikeArrest('60001pm'), 'use tokenBucket for more.'],
  ],

  // The malformed windows are in duration.test.ts.
  WINDOW_INVALID: [
    ...all.filter((factory) => factory !== leakyBucket).map((factory): Row => [() => factory({ limit: 1 }), "`window` is undefined: write '250ms', '10s', '15m', '1h' or '1d', or a whole number"]),
    [() => leakyBucket({ limit: 1, queue: 0 }), '`window` is undefined'],
    [() => sound({ window: '1w' }), '`window` is "1w": write \'7d\'.'],
    [() => sound({ window: 60 }), "write '60s' or '60ms'."],
  ],

  TIME_ZONE_INVALID: ['Mars', 'UTC+2', '', null, 2].map(
    (timeZone): Row => [() => day({ timeZone }), "write an IANA name that this runtime knows, such as 'UTC' or 'Europe/Berlin'"],
  ),

  OPTION_INVALID: [
    ...[undefined, null, 5, '100', []].map((options): Row => [() => slidingWindow(options), 'slidingWindow takes an object of options, not ']),
    [() => createLimiter(), 'createLimiter takes an object of options, not undefined.'],
    [() => slots.reserve('k', { wait: 0 }), '`wait` is 0: write true or false.'],
    [() => slidingWindow(new URL('http://localhost')), 'not an instance of a class.'],
    [() => memoryStore(1000), 'memoryStore takes an object of options, not 1000.'],
    ...[0, 1.5, '60', 1001].map((segments): Row => [() => sound({ segments }), 'write a whole number, 1 to 1000.']),
    [() => fixedWindow({ limit: 1, window: '1m', start: 'now' }), "`start` is \"now\": write one of 'epoch', 'first'."],
    [() => day({ overage: true }), "`overage` is true: write one of 'deny', 'allow'."],
    [() => day({ period: 'decade' }), "write 'hour', 'day', 'week', 'month' or 'year'"],
    [() => day({ anchor: 3 }), "leave it out, or take period 'week', 'month' or 'year'"],
    [() => day({ period: 'month', anchor: 32 }), 'write a day of the month, 1 to 31'],
    [() => sound({ shadow: 1 }), '`shadow` is 1: write true or false.'],
    [() => sound({ hidden: 'yes' }), '`hidden` is "yes": write true or false.'],
    [() => sound({ chargeRefused: null }), '`chargeRefused` is null: write true or false.'],
    ...[0, 1, -0.5, 80, '0.8', null, Number.NaN].map((warnAt): Row => [() => sound({ warnAt }), 'write a share of the limit between 0 and 1, such as 0.8.']),
    [() => build({ onWarn: true }), '`onWarn` is true: it must be a function.'],
    [() => sound({ code: 'COST_EXCEEDS_LIMIT' }), "write one of 'RATE_LIMIT_EXCEEDED', 'QUOTA_EXCEEDED', "],
    [() => build({ name: 'n', store: new Map() }), '`store` is an object: pass memoryStore() or another store.'],
    [() => build({ name: 'n', store: { evalsha: () => {}, eval: () => {} } }), '`store` is a Redis client: write `store: redisStore({ client })`, from @spillway/redis.'],
    [() => build({ clock: 5 }), '`clock` is 5: it must be a function.'],
    [() => build({ onDecision: {} }), '`onDecision` is an object: it must be a function.'],
    [() => build({ onError: 'log' }), '`onError` is "log": it must be a function.'],
    ...['open', true, null, () => 'allow'].map((fallback): Row => [() => build({ fallback }), "write one of 'local', 'allow', 'deny'."]),
    [() => build({ deadline: 50 }), "`deadline` is 50: a bare number is milliseconds and must be at least 1000: write '50ms' or '50s'."],
    ...['50', '0ms', 0, -1, Number.NaN, Number.POSITIVE_INFINITY, null].map((deadline): Row => [() => build({ deadline }), '`deadline` is ']),
    ...[1, '0ms', '1w', null, false, Number.POSITIVE_INFINITY].map((denyCache): Row => [() => build({ denyCache }), '`denyCache` is ']),
    [() => build({ deadline: '2m' }), "`deadline` is \"2m\": every request may wait that long, so write at most '1m'."],
    [() => build({ deadline: 2 ** 31 }), "write at most '1m'."],
    [() => consume(5), 'takes an object of options, not 5.'],
    [() => limiter.reserve('k', { signal: 'stop' }), '`signal` is "stop": it must be an AbortSignal.'],
    [() => penalty(sound({}), 5), 'penalty takes an object of options, not 5.'],
    [() => punished({ max: null }), '`max` is null: write '],
    [() => punished({ max: 60 }), "`max` is 60: a bare number is milliseconds"],
    [() => punished({ max: '29s' }), '`max` is "29s", shorter than `first`: write "30s" or more.'],
    ...[1, 0, 1.5, '2', null, 2 ** 53].map((factor): Row => [() => punished({ factor }), 'write a whole number, 2 or more; for penalties of one length, a `max` that is `first`.']),
    [() => queued({ maxWait: '2h' }), "`maxWait` is \"2h\": write at most '1h'."],
    [() => held({ settle: [1, { release: 'no' }] }), '`release` is "no": write true or false.'],
    [() => held({ meter: [1, { atLimit: 'go' }] }), "`atLimit` is \"go\": write one of 'stop', 'finish'."],
  ],

  OPTION_UNKNOWN: [
    noOption(slidingWindow, 'limt', 'Did you mean `limit`?'),
    noOption(slidingWindow, 'Window', 'Did you mean `window`?'),
    noOption(slidingWindow, 'burst', 'It knows `limit`, `window`, `segments`, '),
    noOption(slidingWindow, 'key', 'A key belongs to the call (`consume(key)`)'),
    noOption(slidingWindow, 'name', 'A policy is named by its place in `policies`.'),
    noOption(slidingWindow, 'cost', 'Put it beside the policy'),
    noOption(slidingWindow, 'when', 'Put it beside the policy'),
    // express-rate-limit
    noOption(slidingWindow, 'windowMs', 'Write `window`.'),
    noOption(slidingWindow, 'max', 'Write `limit`.'),
    noOption(slidingWindow, 'keyGenerator', 'A key belongs to the call (`consume(key)`)'),
    noOption(build, 'windowMs', 'Limits belong to policies'),
    noOption(build, 'max', 'Limits belong to policies'),
    noOption(build, 'keyGenerator', 'A key belongs to the call: `consume(key)`.'),
    // rate-limiter-flexible
    noOption(tokenBucket, 'points', 'Write `limit`.'),
    noOption(tokenBucket, 'duration', 'Write `window`.'),
    noOption(tokenBucket, 'execEvenly', 'Take leakyBucket()'),
    noOption(tokenBucket, 'keyPrefix', "Write the limiter's `name`"),
    noOption(build, 'points', 'Limits belong to policies'),
    noOption(build, 'keyPrefix', 'Write `name`.'),
    noOption(build, 'storeClient', 'Write `store: redisStore({ client })`, from @spillway/redis.'),
    noOption(build, 'insuranceLimiter', "Write `fallback: 'local'`."),
    noOption(build, 'inMemoryBlockOnConsumed', "Write `denyCache: '1s'`."),
    // others
    noOption(tokenBucket, 'capacity', 'Write `burst`.'),
    noOption(tokenBucket, 'tokensPerInterval', 'Write `limit`.'),
    noOption(tokenBucket, 'interval', 'Write `window`.'),
    noOption(quota, 'window', 'Write `period`.'),
    noOption(quota, 'tz', 'It knows `limit`, `period`, `timeZone`, '),
    noOption(build, 'redis', 'Write `store: redisStore({ client })`, from @spillway/redis.'),
    noOption(build, 'client', 'Write `store: redisStore({ client })`, from @spillway/redis.'),
    ...['interval', 'quota', 'penalty'].map((option) => noOption(build, option, 'Limits belong to policies')),
    noOption(build, 'timeout', "Write `deadline: '50ms'`."),
    noOption(build, 'ephemeralCache', "Write `denyCache: '1s'`."),
    noOption(build, 'fallbacks', 'Did you mean `fallback`?'),
    noOption(build, 'policy', 'Write `policies: { default: policy }`.'),
    noOption(build, 'polices', 'Did you mean `policies`?'),
    noOption(punished, 'frist', 'Did you mean `first`?'),
    noOption(punished, 'limit', 'Put it into the policy inside.'),
    ...['blockDuration', 'ban', 'cooldown'].map((option) => noOption(punished, option, 'Write `first`.')),
    noOption(memoryStore, 'maxkeys', 'Did you mean `maxKeys`?'),
    [() => spikeArrest('5ps', { limit: 3 }), 'spikeArrest has no option `limit`.'],
    [() => limiter.reserveSync('k', { signal: AbortSignal.abort() }), 'has no option `signal`.'],
    [() => consume({ costs: 3 }), 'has no option `costs`. Did you mean `cost`?'],
    [() => consume({}, { api: 'k', pac: 'k', spike: 'k' }), 'The key record names no policy of this limiter by `pac`. Did you mean `pace`?'],
    [() => consume({ cost: { ap: 1 } }), 'The cost record names no policy of this limiter by `ap`. Did you mean `api`?'],
    [() => consume({ limit: { toString: 1 } }), 'The limit record names no policy of this limiter by `toString`. It knows `api`, `pace`, `spike`.'],
    [() => limiter.reset({ page: 'k' }), 'Did you mean `pace`?'],
  ],

  OPTION_CONFLICT: [
    [() => concurrency({ limit: 1, lease: '1m', chargeRefused: true }), 'cannot take `chargeRefused`: what was refused does not run'],
    [() => build({ policies: { a: queued(), b: queued() } }), 'Only one policy of a limiter may have a `queue`.'],
    [() => build({ policies: { a: queued(), b: sound({ chargeRefused: true }) } }), 'no policy beside it may charge refusals (`chargeRefused`) or punish them (`penalty`).'],
    [() => build({ policies: { a: queued(), b: punished({}) } }), 'or punish them (`penalty`).'],
    [() => punished({}, punished({})), 'penalty cannot wrap another penalty: write one, '],
    [() => punished({}, queued()), 'penalty cannot wrap concurrency, where a slot may be free at any moment: wrap a slidingWindow beside it.'],
    [() => punished({}, day({})), 'penalty cannot wrap a quota, which is used up by right: wrap a slidingWindow beside it.'],
    [() => punished({}, leakyBucket({ limit: 1, window: '1m', queue: 1 })), 'lets callers wait for their turn: wrap a tokenBucket.'],
    [() => punished({}, sound({ chargeRefused: true })), 'leave `chargeRefused` out.'],
    [() => slidingLog({ limit: 1, window: '1m', chargeRefused: true }), 'cannot take `chargeRefused`: its log would grow with every refusal; use slidingWindow.'],
  ],
  OPTION_MISSING: [
    ...[{}, { policies: {} }, { policies: null }, { policies: [sound({})] }].map(
      (options): Row => [() => createLimiter(options), 'at least one policy: `{ default: slidingWindow({ limit: 100, window: "1m" }) }`.'],
    ),
    [() => queued({ maxWait: undefined }), "`queue` and `maxWait` go together: how many may wait, and how long, as in `queue: 10, maxWait: '5s'`."],
    [() => queued({ queue: undefined }), '`queue` and `maxWait` go together'],
    [() => penalty(sound({})), 'penalty needs `first`, '],
    [() => quota({ limit: 3 }), "quota needs `period`: write 'hour', 'day', 'week', 'month' or 'year'."],
    [() => punished({ first: undefined }), "penalty needs `first`, how long the first penalty lasts: write penalty(policy, { first: '30s', factor: 2, max: '1h' })."],
    [() => penalty(sound({}), { first: '30s' }), "penalty needs `max`, the longest penalty, and how long a caller must behave until the next is a first one again: write penalty(policy, { first: '30s', factor: 2, max: '1h' })."],
  ],
  RESERVE_REQUIRED: [
    [() => slots.consume('k'), "Policy 'slots' holds a slot, which `consume` could never release: write `const held = await limiter.reserve(key)`"],
    [() => slots.consumeSync('k'), 'which `consume` could never release'],
  ],
  POLICY_INVALID: [
    [() => penalty({ first: '30s', max: '1h' }), "penalty(an object): write penalty(slidingWindow({ limit, window }), { first: '30s', max: '1h' })."],
    [() => penalty(), 'penalty(undefined): write '],
    [() => build({ policies: { api: { limit: 1, window: '1m' } } }), "Policy 'api' is an object: make it with slidingWindow(), tokenBucket(), quota()"],
    [() => build({ policies: { api: slidingWindow } }), "Policy 'api' is a function: make it with slidingWindow()"],
    [() => build({ policies: { api: { ...sound({}) } } }), "Policy 'api' is an object"],
    [() => build({ policies: { api: null } }), "Policy 'api' is null"],
    [() => build({ policies: { api: { policy: sound({}), cost: 3 } } }), "Policy 'api' is an object: write its `policy` alone; a cost goes into the call, consume(key, { cost })."],
  ],
  NAME_INVALID: [
    ...['API', '1st', 'a b', 'a_b', '', '-a'].map((name): Row => [() => build({ policies: { [name]: sound({}) } }), 'a name is lower-case letters, digits and hyphens, beginning with a letter.']),
    [() => build({ name: 'My API' }), "The limiter \"My API\": a name is lower-case letters, digits and hyphens, beginning with a letter. Write 'my-api'."],
    ...['', 5, null].map((name): Row => [() => build({ name }), 'The limiter ']),
    [() => sound({ unit: 'LLM tokens' }), 'The unit "LLM tokens": a name is lower-case letters'],
  ],
  NAME_REQUIRED: [
    [() => build({ store: memoryStore() }), 'A limiter on a store that was passed needs a `name`'],
  ],
  NAME_TAKEN: [
    [() => twice({ policies }, { policies: { api: policies.api } }), "Another limiter named 'n' with other policies is on this store: give this one a name of its own."],
    [() => twice({ policies: { api: withLimit(5) } }, { policies: { api: withLimit(6) } }), "named 'n'"],
    [() => twice({ policies: { api: sound({}) } }, { policies: { api: sound({ shadow: true }) } }), "named 'n'"],
    [() => twice({ policies: { a: policies.api } }, { policies: { b: policies.api } }), "named 'n'"],
  ],

  KEY_INVALID: [
    [() => consume({}, ''), "The key for policy 'api' is \"\": it must be a string that is not empty; null leaves the policy out."],
    ...[undefined, null, 5, 5n, true].map((key): Row => [() => limiter.consumeSync(key), 'pass a string, or a record of them by policy.']),
    ...['', undefined, 5, {}].map((api): Row => [() => consume({}, { api, pace: 'k', spike: 'k' }), "The key for policy 'api' is "]),
    [() => consume({}, { api: 'k', spike: 'k' }), "The key record leaves out policy 'pace': give it a key, or null to leave it out of this decision."],
    [() => limiter.peek(''), "The key for policy 'api' is \"\""],
    [() => limiter.reserve(5), 'pass a string, or a record of them by policy.'],
    [() => limiter.reset(''), "The key for policy 'api' is \"\""],
  ],
  COST_INVALID: [
    ...[null, [], '5', true].map((units): Row => [() => held({ settle: [units] }), 'write a whole number, or a record of them by policy.']),
    [() => held({ settle: [{ api: undefined }] }), "The cost for policy 'api' is undefined"],
    [() => held({ settle: [{ api: null }] }), "The cost for policy 'api' is null"],
    ...[undefined, null].map((units): Row => [() => held({ meter: [units] }), `The units are ${units}: write a whole number, or a record of them by policy.`]),
    [async () => (await slots.reserve('k')).settle({ slots: 1 }), "Policy 'slots' holds a slot, which settling releases whole: leave it out of the costs."],
    ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, -0, null, 2 ** 53, { api: -1 }, { api: null }].map(
      (cost): Row => [() => consume({ cost }), "The cost for policy 'api' is "],
    ),
    [() => consume({ cost: 0.5 }), 'is 0.5: it must be a whole number, 0 or more; count smaller units instead of fractions.'],
    [async () => (await limiter.reserve('other')).settle(-1), "The cost for policy 'api' is -1"],
  ],
  CLOCK_INVALID: [1.5, -1, Number.NaN, '0', new Date(), undefined, 2 ** 53].map(
    (now): Row => [() => build({ clock: () => now }).consumeSync('k'), 'it must give whole milliseconds since 1970.'],
  ),
}

describe.each(Object.entries(misuse))('%s', (code, rows) => {
  it.each(rows.map(([call, says]) => [says, call] as const))('%s', async (says, call) => {
    await expect(async () => call()).rejects.toMatchObject({
      name: 'SpillwayError',
      code,
      message: expect.stringContaining(says),
    })
  })
})

function twice(first: object, second: object): void {
  const store = memoryStore()
  createLimiter({ name: 'n', store, ...first })
  createLimiter({ name: 'n', store, ...second })
}
