import { slidingWindow, slidingWindowOf } from '../algorithms/sliding-window/sliding-window.js'
import { SpillwayError, show } from '../errors.js'
import { createLimiter, type Limiter } from '../limiter.js'
import { checkBoolean, checkFunction, checkOneOf, checkOptions } from '../options.js'
import { isPolicy, type Policy } from '../policy.js'
import type { KeyExtractor } from './keys.js'
import type { GateOptions, Rule } from './options.js'

/** A rule with its name and its defaults filled in. */
export interface NamedRule<R> extends Omit<Rule<R>, 'policy' | 'key'> {
  readonly name: string
  readonly key: KeyExtractor<R>
}

const FORMS = ['limit', 'policy', 'policies', 'limiter'] as const
const SHARED = [
  'store',
  'clock',
  'key',
  'cost',
  'skip',
  'refund',
  'headers',
  'status',
  'body',
  'shadow',
  'onDecision',
] as const
const RULE = ['policy', 'key', 'when', 'cost', 'limit'] as const

/** The right words for what other libraries call it. */
const HINTS = {
  windowMs: 'Write `window`.',
  duration: "Write `window: '1m'`.",
  max: 'Write `limit`.',
  points: 'Write `limit`.',
  keyGenerator: 'Write `key`.',
  identifier: 'Write `name`.',
  keyPrefix: 'Write `name`.',
  prefix: 'Write `name`.',
  message: 'Write `body`.',
  statusCode: 'Write `status: { RATE_LIMIT_EXCEEDED: 503 }`.',
  handler: 'Write `onRefuse`.',
  onLimitReached: 'Write `onDecision`.',
  standardHeaders: "Write `headers: ['ratelimit']`.",
  legacyHeaders: "Write `headers: ['x-ratelimit']`, or [] for none.",
  requestPropertyName: 'The decision is at `rateLimit`, and at `middleware.decision(req)`.',
  skipFailedRequests: "Write `refund: 'failed'`.",
  skipSuccessfulRequests: "Write `refund: 'successful'`.",
  requestWasSuccessful: 'Write `refund: ({ status }) => ...`.',
  ipv6Subnet: 'Write `key: byIp({ ipv6Subnet })`.',
  trustProxy: 'Write `key: byIp({ trustProxy })`.',
  whitelist: 'Write `skip`.',
  blacklist: 'Write `limit: (req) => 0` for those callers in a rule.',
  when: 'Write `skip`, or put it into a rule of `policies`.',
  algorithm: 'Write `policy: tokenBucket({ limit, window })`.',
  burst: 'Write `policy: tokenBucket({ limit, window, burst })`.',
  segments: 'Write `policy: slidingWindow({ limit, window, segments })`.',
  chargeRefused: 'Write `policy: slidingWindow({ limit, window, chargeRefused: true })`.',
  hidden: 'Write `policy: slidingWindow({ limit, window, hidden: true })`.',
  code: "Write `policy: slidingWindow({ limit, window, code: 'THROTTLED' })`.",
  unit: "Write `policy: slidingWindow({ limit, window, unit: 'tokens' })`.",
} as const

/**
 * Checks the options of a `rateLimit`, and builds its limiter and its rules.
 * @param extra options of the adapter's own
 * @throws SpillwayError on any misuse
 */
export function rulesOf<R>(
  options: GateOptions<R>,
  extra: readonly string[],
  byDefault: () => KeyExtractor<R>,
): { limiter: Limiter; rules: NamedRule<R>[] } {
  checkOptions(options, [...FORMS, 'window', 'name', ...SHARED, ...extra], 'rateLimit', HINTS)
  checkShared(options)
  const form = formOf(options)
  const rules: Record<string, Rule<R>> = {}

  if (form === 'limiter') {
    const limiter = options.limiter as Limiter
    for (const [name, policy] of Object.entries(limiter.policies)) rules[name] = { policy }
    return { limiter, rules: fill(rules) }
  }

  const own = options.name ?? 'default'
  if (form === 'limit') rules[own] = windowRule(options)
  else if (form === 'policy') rules[own] = { policy: checkPolicy(options.policy, '`policy`') }
  else for (const [name, rule] of Object.entries(options.policies as object)) rules[name] = ruleOf(rule, name)

  const { name, store, clock } = options
  const limiter = createLimiter({
    policies: Object.fromEntries(Object.entries(rules).map(([name, { policy }]) => [name, policy])),
    ...(name === undefined ? undefined : { name }),
    ...(store === undefined ? undefined : { store }),
    ...(clock === undefined ? undefined : { clock }),
  })
  return { limiter, rules: fill(rules) }

  function fill(given: Record<string, Rule<R>>): NamedRule<R>[] {
    const key = options.key ?? byDefault()
    const { cost } = options
    return Object.entries(given).map(([name, { policy, ...rule }]) => ({
      ...(cost === undefined ? undefined : { cost }),
      key,
      ...rule,
      name,
    }))
  }
}

function formOf<R>(options: GateOptions<R>): (typeof FORMS)[number] {
  const given = FORMS.filter((form) => options[form] !== undefined)
  const [form] = given
  if (form === undefined || given.length > 1) {
    const what = form === undefined ? 'none' : given.map((name) => `\`${name}\``).join(' and ')
    throw new SpillwayError(
      form === undefined ? 'OPTION_MISSING' : 'OPTION_CONFLICT',
      `rateLimit takes exactly one of \`limit\` with \`window\`, \`policy\`, \`policies\` and \`limiter\`; it got ${what}. ` +
        "Write rateLimit({ limit: 100, window: '1m' }).",
    )
  }
  if (form === 'limit' && options.window === undefined) {
    throw new SpillwayError(
      'OPTION_MISSING',
      "`limit` needs a `window`: write rateLimit({ limit: 100, window: '1m' }).",
    )
  }
  if (form !== 'limit' && options.window !== undefined) {
    throw new SpillwayError(
      'OPTION_CONFLICT',
      `\`window\` goes with \`limit\`; with \`${form}\` it belongs into the policy.`,
    )
  }
  if (form === 'limiter') {
    const limiter: unknown = options.limiter
    if (
      typeof limiter !== 'object' ||
      limiter === null ||
      !('consume' in limiter) ||
      !('policies' in limiter)
    ) {
      throw new SpillwayError(
        'OPTION_INVALID',
        `\`limiter\` is ${show(limiter)}: pass what createLimiter() returned.`,
      )
    }
    const taken = (['name', 'store', 'clock'] as const).find((option) => options[option] !== undefined)
    if (taken !== undefined) {
      throw new SpillwayError(
        'OPTION_CONFLICT',
        `\`${taken}\` belongs to the limiter that you built: pass it to createLimiter.`,
      )
    }
  }
  return form
}

function windowRule<R>({ limit, window }: GateOptions<R>): Rule<R> {
  if (typeof limit !== 'function')
    return { policy: slidingWindow({ limit: limit as number, window: window as number }) }
  return { policy: slidingWindowOf(undefined, { window: window as number }), limit }
}

function ruleOf<R>(rule: Policy | Rule<R>, name: string): Rule<R> {
  if (isPolicy(rule)) return { policy: rule }
  checkOptions(rule, RULE, `The rule '${name}'`, HINTS)
  checkPolicy(rule.policy, `\`policy\` of the rule '${name}'`)
  for (const option of ['key', 'when', 'limit'] as const)
    checkFunction(rule[option], `${option} of the rule '${name}'`)
  checkCostOption(rule.cost, `cost of the rule '${name}'`)
  return rule
}

function checkPolicy(policy: unknown, what: string): Policy {
  if (isPolicy(policy)) return policy
  throw new SpillwayError(
    'POLICY_INVALID',
    `${what} is ${show(policy)}: make it with slidingWindow(), tokenBucket(), quota() or another of core's policies.`,
  )
}

function checkShared<R>(options: GateOptions<R>): void {
  for (const option of ['key', 'skip', 'onDecision'] as const) checkFunction(options[option], option)
  checkBoolean(options.shadow, 'shadow')
  if (typeof options.refund !== 'function') checkOneOf(options.refund, ['failed', 'successful'], 'refund')
  if (typeof options.body !== 'function') checkOneOf(options.body, ['problem', 'json'], 'body')
  if (options.limiter === undefined) checkCostOption(options.cost, 'cost')
}

function checkCostOption(cost: unknown, option: string): void {
  if (cost === undefined || typeof cost === 'function') return
  if (Number.isInteger(cost) && (cost as number) >= 0) return
  throw new SpillwayError(
    'COST_INVALID',
    `\`${option}\` is ${show(cost)}: write a whole number, 0 or more, or a function.`,
  )
}
