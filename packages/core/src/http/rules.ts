import { type Awaitable, after } from '../after.js'
import { slidingWindow, slidingWindowOf } from '../algorithms/sliding-window/sliding-window.js'
import { SpillwayError, show } from '../errors.js'
import { createLimiter, type Limiter, type LimiterOptions } from '../limiter.js'
import { checkBoolean, checkFunction, checkName, checkOneOf, checkOptions } from '../options.js'
import { isPolicy, type Policy } from '../policy.js'
import { HINTS, OF_LIMITER, RULE_HINTS, SHARED } from './hints.js'
import type { KeyExtractor } from './keys/extractors.js'
import type { GateOptions, Rule } from './options.js'

/** A rule with its name and its defaults filled in. */
export interface NamedRule<R> extends Omit<Rule<R>, 'policy' | 'key' | 'cost'> {
  readonly name: string
  readonly cost: Rule<R>['cost']
  readonly key: KeyExtractor<R>
}

/** Options by name, and what must hold of each. */
export type Checks = Readonly<Record<string, (value: unknown, option: string) => void>>

const FORMS = ['limit', 'policy', 'policies', 'limiter'] as const
const RULE = ['policy', 'key', 'when', 'cost', 'limit'] as const

/**
 * Checks the options of a `rateLimit`, and builds its limiter and its rules.
 * @param extra options of the adapter's own, each with its check
 * @throws SpillwayError on any misuse
 */
export function rulesOf<R>(
  options: GateOptions<R>,
  extra: Checks,
  byDefault: () => KeyExtractor<R>,
): { limiter: Limiter; rules: NamedRule<R>[] } {
  checkOptions(options, [...FORMS, 'window', ...SHARED, ...Object.keys(extra)], 'rateLimit', HINTS)
  const form = formOf(options)
  checkShared(options)
  for (const [option, check] of Object.entries(extra))
    check((options as Record<string, unknown>)[option], option)
  const rules: Record<string, Rule<R>> = {}

  if (form === 'limiter') {
    const limiter = options.limiter as Limiter
    for (const [name, policy] of Object.entries(limiter.policies)) rules[name] = { policy }
    return { limiter, rules: fill(rules) }
  }

  const own = options.name ?? 'default'
  checkName(own, 'The limiter')
  if (form === 'limit') rules[own] = windowRule(options)
  else if (form === 'policy') rules[own] = { policy: checkPolicy(options.policy, '`policy`') }
  else for (const [name, rule] of policiesOf(options.policies)) rules[name] = ruleOf(rule, name)

  const limiter = createLimiter({
    policies: Object.fromEntries(Object.entries(rules).map(([name, { policy }]) => [name, policy])),
    ...Object.fromEntries(OF_LIMITER.map((option) => [option, options[option]])),
  } as LimiterOptions)
  return { limiter, rules: fill(rules) }

  function fill(given: Record<string, Rule<R>>): NamedRule<R>[] {
    const key = options.key ?? byDefault()
    return Object.entries(given).map(([name, { policy, ...own }]) => {
      const rule = { ...own, name, key: own.key ?? key, cost: own.cost ?? (options.cost as Rule<R>['cost']) }
      checkStaticCost(rule, policy)
      return rule
    })
  }
}

function formOf<R>(options: GateOptions<R>): (typeof FORMS)[number] {
  const given = FORMS.filter((form) => options[form] !== undefined)
  const [form] = given
  if (form === undefined || given.length > 1) {
    if (form === undefined && 'limit' in options) {
      throw new SpillwayError(
        'LIMIT_INVALID',
        '`limit` is undefined: it must be a whole number, 1 or more, or a function.',
      )
    }
    const what = form === undefined ? 'none' : given.map((name) => `\`${name}\``).join(' and ')
    throw new SpillwayError(
      form === undefined ? 'OPTION_MISSING' : 'OPTION_CONFLICT',
      `rateLimit takes exactly one of \`limit\` with \`window\`, \`policy\`, \`policies\` and \`limiter\`; it got ${what}. ` +
        adviceOn(options),
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
    const taken = OF_LIMITER.find((option) => options[option] !== undefined)
    if (taken !== undefined) {
      throw new SpillwayError(
        'OPTION_CONFLICT',
        `\`${taken}\` belongs to the limiter that you built: pass it to createLimiter.`,
      )
    }
  }
  return form
}

/** What to write instead of no form, or of several. */
function adviceOn<R>({ limit, policy, policies, limiter }: GateOptions<R>): string {
  const isLimitOfPolicy = limit !== undefined && policy !== undefined && !policies && !limiter
  if (!isLimitOfPolicy) return "Write rateLimit({ limit: 100, window: '1m' })."
  if (typeof limit !== 'function') return 'The policy has the limit: write rateLimit({ policy }).'
  return "Each caller's own limit goes into a rule: write rateLimit({ policies: { default: { policy, limit } } })."
}

function windowRule<R>({ limit, window }: GateOptions<R>): Rule<R> {
  if (typeof limit !== 'function')
    return { policy: slidingWindow({ limit: limit as number, window: window as number }) }
  return { policy: slidingWindowOf(undefined, { window: window as number }), limit: always(limit) }
}

/** Its policy has no limit of its own that could stand in for one. */
function always<R>(limit: (req: R) => Awaitable<number>): (req: R) => Awaitable<number> {
  return (req) =>
    after(limit(req), (found: number | undefined) => {
      if (found !== undefined) return found
      throw new SpillwayError(
        'LIMIT_INVALID',
        'A `limit` function yielded undefined: with no `policy` to have one it must always yield a limit, `limitOf(req) ?? 100`.',
      )
    })
}

function ruleOf<R>(rule: Policy | Rule<R>, name: string): Rule<R> {
  if (isPolicy(rule)) return { policy: rule }
  checkOptions(rule, RULE, `The rule '${name}'`, RULE_HINTS)
  checkPolicy(rule.policy, `\`policy\` of the rule '${name}'`)
  for (const option of ['key', 'when', 'limit'] as const)
    checkFunction(rule[option], option, ` of the rule '${name}'`)
  checkCostOption(rule.cost, ` of the rule '${name}'`)
  return rule
}

function policiesOf<R>(policies: unknown): [string, Policy | Rule<R>][] {
  if (typeof policies === 'object' && policies !== null && !Array.isArray(policies))
    return Object.entries(policies)
  throw new SpillwayError(
    'POLICY_INVALID',
    `\`policies\` is ${show(policies)}: write a record of them by name, { minute: slidingWindow({ limit, window }) }.`,
  )
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
  if (typeof options.refund !== 'function')
    checkOneOf(options.refund, ['failed', 'successful'], 'refund', ', or a function')
  if (typeof options.body !== 'function')
    checkOneOf(options.body, ['problem', 'json'], 'body', ', or a function')
  if (options.limiter === undefined) checkCostOption(options.cost)
  else checkCostRecord(options.cost, Object.keys(options.limiter.policies))
}

/** For a limiter that you built the cost may be a record by policy. */
function checkCostRecord(cost: unknown, names: readonly string[]): void {
  if (typeof cost !== 'object' || cost === null) {
    checkCostOption(cost)
    return
  }
  checkOptions(cost, names, '`cost`')
  for (const [name, units] of Object.entries(cost)) checkCostOption(units, ` of '${name}'`)
}

/** A cost that never fits its limit refuses every request. */
function checkStaticCost<R>({ name, cost, limit }: NamedRule<R>, policy: Policy): void {
  if (typeof cost !== 'number' || limit !== undefined || policy.limit === undefined) return
  const most = policy.algorithm.capacity(policy.limit)
  if (cost <= most) return
  throw new SpillwayError(
    'COST_INVALID',
    `Each request costs ${cost}, but policy '${name}' can never hold more than ${most}.`,
  )
}

function checkCostOption(cost: unknown, of = ''): void {
  if (cost === undefined || typeof cost === 'function') return
  if (Number.isInteger(cost) && (cost as number) >= 0) return
  throw new SpillwayError(
    'COST_INVALID',
    `\`cost\`${of} is ${show(cost)}: write a whole number, 0 or more, or a function.`,
  )
}
