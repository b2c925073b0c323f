import { type Awaitable, after, all, each, isPromise } from '../after.js'
import { type CallOptions, forPolicy, type Keys, type PerPolicy } from '../call.js'
import type { Decision } from '../decision.js'
import { SpillwayError } from '../errors.js'
import { levelOf } from './keys/first-of.js'
import { checkKey, storedKey } from './keys/key.js'
import type { NamedRule } from './rules.js'

/** What one policy is asked for one request. */
export interface Input {
  readonly name: string
  readonly key: string
  /** Which extractor of a `firstOf` found the key. */
  readonly level: number | undefined
  readonly cost: number | undefined
  readonly limit: number | undefined
}

/**
 * The inputs of the policies that take part.
 * @throws SpillwayError as {@link askedOf} does
 */
export function inputsOf<R>(rules: readonly NamedRule<R>[], req: R): Awaitable<readonly Input[]> {
  return after(askedOf(rules, req), (asked) =>
    asked.some(isLifted) ? asked.filter((input) => !isLifted(input)) : asked,
  )
}

/** An infinite limit leaves its policy out. */
function isLifted({ limit }: Input): boolean {
  return limit === Number.POSITIVE_INFINITY
}

/**
 * Theirs, and those of policies that an infinite limit leaves out. An extractor runs once, however many rules share it.
 * @throws SpillwayError `CALLBACK_FAILED`, `KEY_INVALID` or an extractor's own; rejects with it where a callback is async
 */
export function askedOf<R>(rules: readonly NamedRule<R>[], req: R): Awaitable<readonly Input[]> {
  return after(takingPart(rules, req), (taken) => {
    const ask = taken.length > 1 ? once() : keyBy
    return each(taken, (rule) => inputOf(rule, ask(rule, req), req))
  })
}

function takingPart<R>(rules: readonly NamedRule<R>[], req: R): Awaitable<readonly NamedRule<R>[]> {
  if (rules.every(({ when }) => when === undefined)) return rules
  const taking = each(rules, ({ when, name }) => when === undefined || call(when, req, 'when', name))
  return after(taking, (takes) => rules.filter((_, i) => takes[i]))
}

function keyBy<R>({ key, name }: NamedRule<R>, req: R): Awaitable<string> {
  return call(key, req, 'key', name)
}

/** Keys of one request, each extractor asked once. */
function once(): typeof keyBy {
  const known = new Map<unknown, Awaitable<string>>()
  return (rule, req) => {
    const key = known.get(rule.key) ?? keyBy(rule, req)
    known.set(rule.key, key)
    return key
  }
}

function inputOf<R>(rule: NamedRule<R>, found: Awaitable<string>, req: R): Awaitable<Input> {
  const { name, cost, limit } = rule
  if (typeof cost !== 'function' && limit === undefined) {
    return after(found, (text) => inputBy(rule, text, cost, undefined))
  }
  const given = all([
    () => found,
    () => (typeof cost === 'function' ? after(call(cost, req, 'cost', name), checkGiven) : cost),
    () => (limit === undefined ? undefined : call(limit, req, 'limit', name)),
  ])
  return after(given, ([text, units, limit]) => inputBy(rule, text, units, limit))
}

function inputBy<R>(
  { name, key }: NamedRule<R>,
  text: string,
  units: PerPolicy<string> | undefined,
  limit: number | undefined,
): Awaitable<Input> {
  const cost = forPolicy(units, name)
  return after(storedKey(checkKey(text, name)), (stored) => ({
    name,
    key: stored,
    level: levelOf(key, text),
    cost,
    limit,
  }))
}

/** A function that is there to say a cost must say one. */
function checkGiven<Cost>(cost: Cost): Cost {
  if (cost !== undefined) return cost
  throw new SpillwayError(
    'COST_INVALID',
    'A `cost` function yielded undefined: it must yield a whole number, 0 or more.',
  )
}

/** The arguments of a `consume`, as short as they can be: one key and one cost where all policies share them. */
export function callOf(
  inputs: readonly Input[],
  names: readonly string[],
): [keys: Keys, options: CallOptions | undefined] {
  const isOneKey = inputs.length === names.length && isShared(inputs, 'key')
  const keys = isOneKey
    ? (inputs[0] as Input).key
    : Object.fromEntries(names.map((name) => [name, keyOf(inputs, name)]))
  const cost = perPolicy(inputs, 'cost')
  const limit = perPolicy(inputs, 'limit')
  return [keys, cost === undefined && limit === undefined ? undefined : { cost, limit }]
}

function keyOf(inputs: readonly Input[], name: string): string | null {
  return inputs.find((input) => input.name === name)?.key ?? null
}

function perPolicy(inputs: readonly Input[], what: 'cost' | 'limit'): PerPolicy<string> | undefined {
  if (isShared(inputs, what)) return inputs[0]?.[what]
  return Object.fromEntries(
    inputs.flatMap((input) => (input[what] === undefined ? [] : [[input.name, input[what]]])),
  )
}

function isShared(inputs: readonly Input[], what: 'key' | 'cost' | 'limit'): boolean {
  for (let i = 1; i < inputs.length; i++) if (inputs[i]?.[what] !== inputs[0]?.[what]) return false
  return true
}

/** Adds what only the extractors know. */
export function withLevels(decision: Decision, inputs: readonly Input[]): Decision {
  if (inputs.every(({ level }) => level === undefined)) return decision
  const levels = inputs.map(({ name, level }) => [name, { ...decision.policies[name], level }])
  return { ...decision, policies: { ...decision.policies, ...Object.fromEntries(levels) } }
}

/** Calls a user's function; what it throws, or rejects with, comes as a coded error. */
export function call<R, T>(
  callback: (req: R) => Awaitable<T>,
  req: R,
  what: string,
  policy?: string,
): Awaitable<T> {
  try {
    const value = callback(req)
    return isPromise(value) ? Promise.resolve(value).catch((cause) => failed(cause, what, policy)) : value
  } catch (cause) {
    return failed(cause, what, policy)
  }
}

function failed(cause: unknown, what: string, policy: string | undefined): never {
  if (cause instanceof SpillwayError) throw cause
  const owner = policy === undefined ? '' : ` of policy '${policy}'`
  const message = cause instanceof Error ? cause.message : String(cause)
  throw new SpillwayError('CALLBACK_FAILED', `\`${what}\`${owner} threw: ${message}`, { cause })
}
