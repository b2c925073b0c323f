import type { OwnedByLimiter } from './options.js'

export const OF_LIMITER: readonly OwnedByLimiter[] = [
  'name',
  'store',
  'clock',
  'deadline',
  'fallback',
  'denyCache',
  'onWarn',
  'onError',
]

/** Options that every form of `rateLimit` takes. */
export const SHARED: readonly string[] = [
  ...OF_LIMITER,
  'key',
  'cost',
  'skip',
  'refund',
  'headers',
  'status',
  'body',
  'shadow',
  'onDecision',
]

const PENALTY = 'Write `policy: penalty(slidingWindow({ limit, window }), { first, max })`.'
const QUOTA = 'Write `policy: quota({ limit, period, timeZone })`.'
const STORE = 'Write `store: redisStore({ client })`, from @spillway/redis.'

/** The right words for what other libraries call it. */
export const HINTS: Readonly<Record<string, string>> = {
  windowMs: 'Write `window`.',
  duration: "Write `window: '1m'`.",
  max: 'Write `limit`.',
  points: 'Write `limit`.',
  keyGenerator: 'Write `key`.',
  identifier: 'Write `name`.',
  keyPrefix: 'Write `name`.',
  prefix: 'Write `name`.',
  message: "Write `body: () => '...'`.",
  statusCode: 'Write `status: { RATE_LIMIT_EXCEEDED: 503 }`.',
  handler: 'Write `onRefuse`.',
  onLimitReached: 'Write `onDecision`.',
  standardHeaders: "Write `headers: ['ratelimit']`.",
  legacyHeaders: "Write `headers: ['x-ratelimit']`, or [] for none.",
  requestPropertyName: 'Write `middleware.decision(req)`.',
  skipFailedRequests: "Write `refund: 'failed'`.",
  skipSuccessfulRequests: "Write `refund: 'successful'`.",
  requestWasSuccessful: 'Write `refund: ({ status }) => ...`.',
  ipv6Subnet: 'Write `key: byIp({ ipv6Subnet })`.',
  trustProxy: 'Write `key: byIp({ trustProxy })`.',
  passOnStoreError: "Write `fallback: 'allow'`.",
  storeClient: STORE,
  redis: STORE,
  client: STORE,
  maxKeys: 'Write `name`, and `store: memoryStore({ maxKeys })`.',
  interval: "Write `window: '1m'`.",
  ttl: "Write `window: '1m'`.",
  penalty: PENALTY,
  blockDuration: PENALTY,
  ban: PENALTY,
  cooldown: PENALTY,
  quota: QUOTA,
  period: QUOTA,
  timeZone: QUOTA,
  queue: 'Write `policy: leakyBucket({ limit, window, queue })`.',
  dryRun: 'Write `shadow`.',
  onWarning: 'Write `onWarn`.',
  onLimit: 'Write `onRefuse`.',
  timeout: "Write `deadline: '50ms'`.",
  ephemeralCache: "Write `denyCache: '1s'`.",
  validate: 'Leave it out: options are checked once.',
  whitelist: 'Write `skip`.',
  blacklist: 'Write `limit: (req) => 0` for those callers in a rule.',
  when: 'Write `skip`, or put it into a rule of `policies`.',
  algorithm: 'Write `policy: tokenBucket({ limit, window })`.',
  burst: 'Write `policy: tokenBucket({ limit, window, burst })`.',
  concurrency: 'Write `policy: concurrency({ limit, lease })`.',
  lease: 'Write `policy: concurrency({ limit, lease })`.',
  segments: 'Write `policy: slidingWindow({ limit, window, segments })`.',
  chargeRefused: 'Write `policy: slidingWindow({ limit, window, chargeRefused: true })`.',
  hidden: 'Write `policy: slidingWindow({ limit, window, hidden: true })`.',
  code: "Write `policy: slidingWindow({ limit, window, code: 'THROTTLED' })`.",
  warnAt: 'Write `policy: slidingWindow({ limit, window, warnAt: 0.8 })`.',
  unit: "Write `policy: slidingWindow({ limit, window, unit: 'tokens' })`.",
}

const IN_A_RULE = 'Write `policy: slidingWindow({ limit, window })`.'
/** The same, for a rule. */
export const RULE_HINTS: Readonly<Record<string, string>> = {
  ...HINTS,
  ...Object.fromEntries(SHARED.map((option) => [option, 'Put it beside `policies`.'])),
  window: IN_A_RULE,
  windowMs: IN_A_RULE,
  duration: IN_A_RULE,
  max: IN_A_RULE,
  points: IN_A_RULE,
  name: 'A policy is named by its place in `policies`.',
  skip: 'Write `when`, or put it beside `policies`.',
  shadow: 'Write `policy: slidingWindow({ limit, window, shadow: true })`, or put it beside `policies`.',
}
