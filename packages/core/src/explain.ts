import type { Op } from './algorithms/algorithm.js'
import type { Keys } from './call.js'
import type { Decision, PolicyState, RefusalCode } from './decision.js'
import type { Plan, PlannedPolicy } from './store.js'
import { length, nearly } from './words.js'

/** How every policy stands to a caller, in numbers and in words. */
export interface Explanation<Name extends string = string> {
  /** Whether the request would be admitted now. Nothing was charged. */
  readonly allowed: boolean
  readonly code: 'OK' | RefusalCode
  /** The binding policy: of a refusal the one that refuses; `null` where none has a part in the request. */
  readonly policy: Name | null
  readonly retryAfterMs: number | null
  /** What refuses and why, as one sentence. */
  readonly text: string
  /** The clock that decided, epoch ms. */
  readonly now: number
  readonly source: Decision['source']
  /** Every policy of the limiter. */
  readonly policies: Readonly<Record<Name, PolicyExplanation>>
}

export type PolicyExplanation = Counted | NotCounted

/** A policy's state as it is, with nothing charged for the request; `allowed`, the wait and the spacing are the request's. */
export interface Counted extends PolicyState {
  readonly counted: true
  /** What the request takes of it, where that is not 1. */
  readonly cost?: number
  readonly text: string
}

/** A policy that has no part in the request, and the option by which it has none; or one that no store counts for. */
export interface NotCounted {
  readonly counted: false
  readonly reason: keyof typeof REASONS
  /** Where one was found. */
  readonly key?: string
  readonly level?: number
  readonly text: string
}

const REASONS = {
  key: 'its key is null',
  limit: 'its limit is Infinity',
  when: '`when` said no',
  skip: '`skip` said yes',
  store: 'the store does not answer',
} as const

/**
 * @param ops those of the request
 * @param asked the decision on the request
 * @param standing the decision on one that costs nothing
 */
export function explain(
  plan: Plan,
  keys: Keys,
  ops: readonly Op[],
  asked: Decision,
  standing: Decision,
): Explanation {
  const { allowed, code, retryAfterMs, now, source } = asked
  const policies: Record<string, PolicyExplanation> = {}
  for (const { name } of plan.policies) {
    policies[name] = leftOut('limit', typeof keys === 'string' ? keys : keys[name])
  }
  for (const { policy, key, cost } of ops) {
    const { name } = plan.policies[policy] as PlannedPolicy
    const own = asked.policies[name] as PolicyState
    // Without a store only that counts which refuses whatever was used before.
    const isAway = source === 'fallback' && own.retryAfterMs !== null
    policies[name] = isAway
      ? leftOut('store', key)
      : counted(own, standing.policies[name] as PolicyState, cost)
  }
  // A decision names a policy where none has a part too.
  const policy = policies[asked.policy]?.counted ? asked.policy : null
  const text = verdict({ allowed, code, policy, source }, policies)
  return { allowed, code, policy, retryAfterMs, text, now, source, policies }
}

function leftOut(reason: 'limit' | 'store', key: string | null | undefined): NotCounted {
  return typeof key === 'string' ? { ...notCounted(reason), key } : notCounted('key')
}

export function notCounted(reason: NotCounted['reason']): NotCounted {
  return { counted: false, reason, text: `not counted: ${REASONS[reason]}` }
}

/** The same where all of it only watches, as the policies of a shadow do. */
export function watching<Name extends string>(explanation: Explanation<Name>): Explanation<Name> {
  const outcome = { ...explanation, allowed: true, code: 'OK', retryAfterMs: 0 } as const
  const policies = Object.entries<PolicyExplanation>(explanation.policies).map(([name, own]) => {
    if (!own.counted || own.shadow) return [name, own]
    const text = `${own.text.replace(' is admitted in ', ' would be admitted in ')}; ${WATCHES}`
    return [name, { ...own, shadow: true, text }]
  })
  return { ...outcome, text: verdict(outcome, {}), policies: Object.fromEntries(policies) }
}

function verdict(
  { allowed, code, policy, source }: Pick<Explanation, 'allowed' | 'code' | 'policy' | 'source'>,
  policies: Explanation['policies'],
): string {
  if (code === 'LIMITER_UNAVAILABLE') return 'The store does not answer, so nothing is admitted.'
  if (!allowed) return `"${policy}" refuses: ${policies[policy as string]?.text}.`
  if (source === 'fallback') return 'The store does not answer, so nobody counts.'
  return policy === null ? 'No policy counts it, so nothing refuses.' : 'Nothing refuses.'
}

function counted(own: PolicyState, standing: PolicyState, cost: number): Counted {
  const { allowed, retryAfterMs, spacing } = own
  const rest = { ...(spacing && { spacing }), ...(cost !== 1 && { cost }) }
  const state = { ...standing, allowed, retryAfterMs, ...rest }
  const begins = standing.penalty === undefined ? own.penalty?.endsInMs : undefined
  return { ...state, counted: true, text: textOf(state, begins) }
}

const WATCHES = 'it only watches'

/** @param begins how long a penalty would last that this request would begin */
function textOf(state: Omit<Counted, 'counted' | 'text'>, begins: number | undefined): string {
  const { allowed, limit, unit, windowMs, used, remaining, resetMs, retryAfterMs } = state
  const { adviseMs, spacing, penalty, slots, cost } = state
  const watches = state.shadow ? [WATCHES] : []
  if (limit === 0) return ['the limit is 0, which admits nothing', ...watches].join('; ')
  const what = cost === undefined ? 'the next' : `a cost of ${cost}`
  const latest = slots ? ' at the latest' : ''
  const parts = [
    `${used} of ${limit}${unit ? ` ${unit}` : ''} ${slots ? 'held at once' : `used in a window of ${length(windowMs)}`}`,
  ]
  if (spacing) parts.push(`it wants ${spacing.wantedMs} ms between calls and saw ${spacing.seenMs} ms`)
  if (penalty) parts.push(`penalty ${penalty.offences} ends in ${nearly(penalty.endsInMs)}`)
  if (adviseMs && remaining > 0) parts.push('near its limit')
  if (begins !== undefined) parts.push(`${what} begins a penalty of ${nearly(begins)}`)
  else if (!allowed && retryAfterMs === null) parts.push(`${what} never fits`)
  else if (!allowed) {
    const is = state.shadow ? 'would be' : 'is'
    parts.push(`${what} ${is} admitted in ${nearly(retryAfterMs as number)}${latest}`)
  } else if (resetMs > 0) parts.push(`all is free again in ${nearly(resetMs)}${latest}`)
  return [...parts, ...watches].join('; ')
}
