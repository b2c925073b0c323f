import { type Algorithm, type Edges, MAX_COUNT } from './algorithms/algorithm.js'
import { SpillwayError, show } from './errors.js'
import { checkBoolean, checkName, checkOneOf, checkOptions } from './options.js'
import type { Queue } from './queue.js'
import type { Plan } from './store.js'

/** Codes a policy may refuse with: its own reason, answered as 429. */
export type PolicyCode = 'RATE_LIMIT_EXCEEDED' | 'QUOTA_EXCEEDED' | 'CONCURRENCY_LIMIT_EXCEEDED' | 'THROTTLED'

const CODES: readonly PolicyCode[] = [
  'RATE_LIMIT_EXCEEDED',
  'QUOTA_EXCEEDED',
  'CONCURRENCY_LIMIT_EXCEEDED',
  'THROTTLED',
]

/** What every policy takes besides the parameters of its algorithm. */
export interface PolicyOptions {
  /** Charges refused requests too, so that a caller who does not wait is kept out. @default false */
  chargeRefused?: boolean
  /** Decides and reports, but never refuses and never is the binding policy. @default false */
  shadow?: boolean
  /** Left out of headers and bodies unless it refuses. @default false */
  hidden?: boolean
  /** The code of its refusals. @default 'RATE_LIMIT_EXCEEDED', of a quota 'QUOTA_EXCEEDED' */
  code?: PolicyCode
  /**
   * The share of the limit, between 0 and 1, from which `adviseMs` advises to wait, and by whose reaching the limiter's `onWarn`
   * is told. @default never
   */
  warnAt?: number
  /** What a unit is, when it is not a request: `'tokens'`. Reported as `qu`. */
  unit?: string
}

/** A limit with its algorithm, as `tokenBucket()`, `slidingWindow()` and the others make it. */
export interface Policy {
  readonly algorithm: Algorithm
  /** The policy's own limit; `undefined` when every call brings one. */
  readonly limit: number | undefined
  /** Why a call must not bring a limit of its own, if it must not. */
  readonly fixedLimit?: string
  readonly chargeRefused: boolean
  readonly shadow: boolean
  readonly hidden: boolean
  readonly code: PolicyCode
  readonly unit: string | undefined
  readonly warnAt: number | undefined
  /** Calendar edges around a moment (quota). */
  readonly edges?: (now: number) => Edges
  /** Where reservations may wait for a slot (concurrency). */
  readonly waiting?: Waiting | undefined
}

/** How many reservations of one key may wait, and how long; and their queue, which is in the bundle of who asks for one. */
export interface Waiting {
  readonly queue: number
  readonly maxWaitMs: number
  readonly open: (plan: Plan, policy: number) => Pick<Queue, 'pass' | 'released'>
}

const POLICY = Symbol.for('spillway.policy')
const COMMON = ['chargeRefused', 'shadow', 'hidden', 'code', 'unit', 'warnAt'] as const

/** What a factory brings to {@link createPolicy}. */
export interface PolicySource {
  readonly algorithm: Algorithm
  readonly limit: number | undefined
  readonly code?: PolicyCode
  readonly fixedLimit?: string
  readonly edges?: (now: number) => Edges
  readonly waiting?: Waiting | undefined
}

/** Puts the checked common options around an algorithm. */
export function createPolicy(source: PolicySource, options: PolicyOptions): Policy {
  for (const option of ['chargeRefused', 'shadow', 'hidden'] as const) checkBoolean(options[option], option)
  checkOneOf(options.code, CODES, 'code')
  if (options.unit !== undefined) checkName(options.unit, 'The unit')
  checkWarnAt(options.warnAt)
  if (source.limit !== undefined) source.algorithm.check(source.limit)
  const { chargeRefused = false, shadow = false, hidden = false, unit, warnAt } = options
  const code = options.code ?? source.code ?? 'RATE_LIMIT_EXCEEDED'
  return sealed({ ...source, chargeRefused, shadow, hidden, code, unit, warnAt })
}

/** The same policy, by an algorithm that takes the same limits. */
export function withAlgorithm(policy: Policy, algorithm: Algorithm): Policy {
  return sealed({ ...policy, algorithm })
}

function sealed(policy: Policy): Policy {
  return Object.freeze(Object.defineProperty(policy, POLICY, { value: true }))
}

export function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && POLICY in value
}

function checkWarnAt(warnAt: unknown): void {
  if (warnAt === undefined || (typeof warnAt === 'number' && warnAt > 0 && warnAt < 1)) return
  throw new SpillwayError(
    'OPTION_INVALID',
    `\`warnAt\` is ${show(warnAt)}: write a share of the limit between 0 and 1, such as 0.8.`,
  )
}

/** Whether a refusal leaves something behind: only who means it may ask. */
export function marksRefusals({ algorithm, chargeRefused }: Policy): boolean {
  return chargeRefused || algorithm.punish !== undefined
}

/** @throws SpillwayError `OPTION_UNKNOWN`, `OPTION_INVALID` */
export function checkPolicyOptions(options: unknown, own: readonly string[], where: string): void {
  const known = [...own, ...COMMON]
  checkOptions(options, known, where, { ...HINTS, ...translated(own) })
}

const KEY_HINT =
  'A key belongs to the call (`consume(key)`) or to a rule beside the policy: `{ policy, key }`.'

const HINTS: Readonly<Record<string, string>> = {
  key: KEY_HINT,
  keyGenerator: KEY_HINT,
  keyPrefix: "Write the limiter's `name`: it keeps its state apart.",
  store: 'A store belongs to the limiter: `createLimiter({ store, name, policies })`.',
  when: 'Put it beside the policy: `{ policy, when }`.',
  cost: 'Put it beside the policy: `{ policy, cost }`, or into the call.',
  name: 'A policy is named by its place in `policies`.',
  execEvenly: 'Take leakyBucket(), which spaces what it admits.',
}

/** What other libraries call these options. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  limit: ['max', 'points', 'tokensPerInterval', 'refillRate', 'fillRate', 'requests'],
  window: ['windowMs', 'duration', 'interval', 'period'],
  period: ['windowMs', 'duration', 'interval', 'window'],
  burst: ['capacity', 'bucketSize', 'maxTokens'],
}

function translated(own: readonly string[]): Record<string, string> {
  const pairs = own.flatMap((option) => (ALSO[option] ?? []).map((also) => [also, `Write \`${option}\`.`]))
  return Object.fromEntries(pairs)
}

/**
 * Checks a count: a whole number from `least` to 2^52.
 * @param of whose option it is, for the message: ` of policy 'user'`
 * @throws SpillwayError `LIMIT_INVALID`, `LIMIT_TOO_LARGE`
 */
export function checkCount(value: unknown, option: string, least = 1, of = ''): asserts value is number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least) {
    const advice =
      value === Number.POSITIVE_INFINITY && option === 'limit'
        ? ' To lift a limit for one call pass `limit: Infinity` with it.'
        : ''
    throw new SpillwayError(
      'LIMIT_INVALID',
      `\`${option}\`${of} is ${show(value)}: it must be a whole number, ${least} or more.${advice}`,
    )
  }
  if (value > MAX_COUNT) {
    throw new SpillwayError(
      'LIMIT_TOO_LARGE',
      `\`${option}\`${of} is ${value}: it must be at most 2^52 (${MAX_COUNT}).`,
    )
  }
}

/** Everything that makes two policies the same pool, as text. */
export function fingerprint(policy: Policy): string {
  const { algorithm, limit, chargeRefused, shadow, hidden, code, unit, warnAt, waiting } = policy
  const common = [limit, chargeRefused, shadow, hidden, code, unit, warnAt]
  return JSON.stringify([algorithm.configuration, ...common, waiting])
}
