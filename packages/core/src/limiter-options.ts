import { milliseconds } from './duration.js'
import { SpillwayError, show } from './errors.js'
import type { LimiterOptions } from './limiter.js'
import { checkFunction, checkName, checkOneOf, checkOptions } from './options.js'
import { fingerprint, isPolicy, marksRefusals, type Policy } from './policy.js'
import type { GuardOptions } from './resilience/guard.js'
import type { Plan, Store } from './store.js'

const OPTIONS = [
  'name',
  'policies',
  'store',
  'clock',
  'onDecision',
  'onWarn',
  'deadline',
  'fallback',
  'denyCache',
  'onError',
]

const LIMIT_HINTS = Object.fromEntries(
  ['limit', 'window', 'max', 'windowMs', 'points', 'duration', 'interval', 'quota', 'penalty'].map(
    (option) => [
      option,
      'Limits belong to policies: `policies: { default: slidingWindow({ limit, window }) }`.',
    ],
  ),
)

/** @throws SpillwayError on any misuse */
export function checkLimiterOptions(options: LimiterOptions): void {
  checkOptions(options, OPTIONS, 'createLimiter', {
    ...LIMIT_HINTS,
    policy: 'Write `policies: { default: policy }`.',
    prefix: 'Write `name`.',
    keyPrefix: 'Write `name`.',
    keyGenerator: 'A key belongs to the call: `consume(key)`.',
    key: 'A key belongs to the call: `consume(key)`.',
    storeClient: 'Write `store: redisStore({ client })`, from @spillway/redis.',
    client: 'Write `store: redisStore({ client })`, from @spillway/redis.',
    redis: 'Write `store: redisStore({ client })`, from @spillway/redis.',
    insuranceLimiter: "Write `fallback: 'local'`.",
    timeout: "Write `deadline: '50ms'`.",
    ephemeralCache: "Write `denyCache: '1s'`.",
    inMemoryBlockOnConsumed: "Write `denyCache: '1s'`.",
  })
  const { name, policies, store, clock, onDecision, onWarn } = options
  if (
    typeof policies !== 'object' ||
    policies === null ||
    Array.isArray(policies) ||
    Object.keys(policies).length === 0
  ) {
    throw new SpillwayError(
      'OPTION_MISSING',
      '`policies` must be a record with at least one policy: `{ default: slidingWindow({ limit: 100, window: "1m" }) }`.',
    )
  }
  for (const [policyName, policy] of Object.entries(policies)) {
    checkName(policyName, 'The policy')
    if (isPolicy(policy)) continue
    const advice =
      'policy' in Object(policy)
        ? 'write its `policy` alone; a cost goes into the call, consume(key, { cost })'
        : "make it with slidingWindow(), tokenBucket(), quota() or another of core's policies"
    throw new SpillwayError('POLICY_INVALID', `Policy '${policyName}' is ${show(policy)}: ${advice}.`)
  }
  checkQueues(Object.values(policies))
  if (name !== undefined) checkName(name, 'The limiter')
  if (store !== undefined) {
    if (typeof store !== 'object' || store === null || typeof store.prepare !== 'function') {
      const isClient = typeof store === 'object' && store !== null && 'evalsha' in store
      throw new SpillwayError(
        'OPTION_INVALID',
        isClient
          ? '`store` is a Redis client: write `store: redisStore({ client })`, from @spillway/redis.'
          : `\`store\` is ${show(store)}: pass memoryStore() or another store.`,
      )
    }
    if (name === undefined) {
      throw new SpillwayError(
        'NAME_REQUIRED',
        'A limiter on a store that was passed needs a `name`: it keeps its state apart from that of other limiters.',
      )
    }
  }
  checkFunction(clock, 'clock')
  checkFunction(onDecision, 'onDecision')
  checkFunction(onWarn, 'onWarn')
}

/** One that waits asks again and again: that must charge nothing, and there must be one line to stand in. */
function checkQueues(policies: readonly Policy[]): void {
  const queues = policies.filter(({ waiting }) => waiting !== undefined)
  if (queues.length > 1) {
    throw new SpillwayError('OPTION_CONFLICT', 'Only one policy of a limiter may have a `queue`.')
  }
  if (queues.length === 0 || !policies.some(marksRefusals)) return
  throw new SpillwayError(
    'OPTION_CONFLICT',
    'A `queue` asks again while it waits, so no policy beside it may charge refusals (`chargeRefused`) or punish them (`penalty`).',
  )
}

/** A request waits for it. */
const MAX_DEADLINE_MS = 60_000

/** @throws SpillwayError `OPTION_INVALID` */
export function guardOptions(options: LimiterOptions): GuardOptions {
  const { deadline = '50ms', fallback = 'local', denyCache = '1s', onError } = options
  const deadlineMs = milliseconds(deadline, 'deadline', 'OPTION_INVALID')
  if (deadlineMs > MAX_DEADLINE_MS) {
    throw new SpillwayError(
      'OPTION_INVALID',
      `\`deadline\` is ${show(deadline)}: every request may wait that long, so write at most '1m'.`,
    )
  }
  const denyCacheMs = denyCache === 0 ? 0 : milliseconds(denyCache, 'denyCache', 'OPTION_INVALID')
  checkOneOf(fallback, ['local', 'allow', 'deny'], 'fallback')
  checkFunction(onError, 'onError')
  return { deadlineMs, fallback, denyCacheMs, onError }
}

const claims = new WeakMap<Store, Map<string, string>>()

/**
 * One name is one pool: the same configuration may come again, another one may not share its state by accident.
 * @throws SpillwayError `NAME_TAKEN`
 */
export function claim(store: Store, plan: Plan): void {
  const names = claims.get(store) ?? new Map<string, string>()
  const configuration = JSON.stringify(plan.policies.map((policy) => [policy.name, fingerprint(policy)]))
  const taken = names.get(plan.name)
  if (taken !== undefined && taken !== configuration) {
    throw new SpillwayError(
      'NAME_TAKEN',
      `Another limiter named '${plan.name}' with other policies is on this store: give this one a name of its own.`,
    )
  }
  claims.set(store, names.set(plan.name, configuration))
}
