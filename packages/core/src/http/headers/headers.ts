import type { Decision, PolicyState } from '../../decision.js'
import { SpillwayError, show } from '../../errors.js'
import { suggest } from '../../options.js'
import { type HeaderDialect, isVisible } from './dialect.js'
import { rateLimit } from './ratelimit.js'
import { rateLimit6 } from './ratelimit-6.js'
import { rateLimit7 } from './ratelimit-7.js'
import { xRateLimit } from './x-ratelimit.js'

export type HeaderDialectName = 'x-ratelimit' | 'ratelimit' | 'ratelimit-7' | 'ratelimit-6'

const DIALECTS: Record<HeaderDialectName, HeaderDialect> = {
  'x-ratelimit': xRateLimit,
  ratelimit: rateLimit,
  'ratelimit-7': rateLimit7,
  'ratelimit-6': rateLimit6,
}

/** A dialect by its name, by which two copies of this package know it for the same; or a function, one of your own. */
export type Dialect = HeaderDialectName | HeaderDialect

/** @throws SpillwayError `OPTION_INVALID`, `OPTION_CONFLICT` */
export function checkDialects(headers: unknown): readonly Dialect[] {
  if (!Array.isArray(headers)) {
    throw new SpillwayError(
      'OPTION_INVALID',
      `\`headers\` is ${show(headers)}: write a list such as ['x-ratelimit'] or [yourFunction], or [] for none.`,
    )
  }
  const drafts = headers.filter((dialect) => typeof dialect === 'string' && dialect.startsWith('ratelimit'))
  if (drafts.length > 1) {
    throw new SpillwayError(
      'OPTION_CONFLICT',
      `\`headers\` names ${drafts.map(show).join(' and ')}, which write the same headers in different forms: choose one.`,
    )
  }
  for (const dialect of headers) {
    if (typeof dialect === 'function' || (typeof dialect === 'string' && Object.hasOwn(DIALECTS, dialect)))
      continue
    throw new SpillwayError(
      'OPTION_INVALID',
      `\`headers\` names no dialect by ${show(dialect)}. ${suggest(String(dialect), Object.keys(DIALECTS))}`,
    )
  }
  return headers
}

/** One limiter's part in the headers of a request. */
export interface HeaderSource {
  readonly decision: Decision
  readonly dialects: readonly Dialect[]
}

/**
 * The limit headers of a request, merged over all of its limiters: each dialect gets the decisions of those that speak it,
 * and the one that binds: the last refusal, else the smallest remaining share.
 */
export function limitHeaders(sources: readonly HeaderSource[]): [string, string][] {
  const shown: HeaderSource[] = []
  for (const { decision, dialects } of sources) {
    const visible = withoutHidden(decision)
    if (visible !== undefined) shown.push({ decision: visible, dialects })
  }
  const [only] = shown
  if (only !== undefined && shown.length === 1 && only.dialects.length === 1) {
    const headers = written(only.dialects[0] as Dialect, only.decision, [only.decision])
    // `Object.entries` would take most of the time of this.
    return Object.keys(headers).map((name) => [name, headers[name] as string])
  }
  return merged(shown)
}

function written(
  dialect: Dialect,
  binding: Decision,
  all: readonly Decision[],
): Readonly<Record<string, string>> {
  return (typeof dialect === 'function' ? dialect : DIALECTS[dialect])(binding, all)
}

function merged(shown: readonly HeaderSource[]): [string, string][] {
  const headers = new Map<string, [string, string]>()
  for (const dialect of new Set(shown.flatMap(({ dialects }) => dialects))) {
    const all = shown.filter(({ dialects }) => dialects.includes(dialect)).map(({ decision }) => decision)
    const binding = all.reduce((best, other) => (binds(other, best) ? other : best))
    for (const [name, value] of Object.entries(written(dialect, binding, all)))
      headers.set(name.toLowerCase(), [name, value])
  }
  return [...headers.values()]
}

function binds(other: Decision, best: Decision): boolean {
  if (!other.allowed || !best.allowed) return !other.allowed
  return other.remaining / other.limit < best.remaining / best.limit
}

/** What clients may see of a decision; nothing when nobody counted, or when the binding policy is not theirs to see. */
function withoutHidden(decision: Decision): Decision | undefined {
  const policies = decision.policies as Record<string, PolicyState>
  const names = Object.keys(policies)
  if (names.length === 0 || decision.source === 'fallback') return undefined
  if (names.every((name) => isVisible(policies[name] as PolicyState))) return decision
  const visible = names.filter((name) => isVisible(policies[name] as PolicyState))
  if (!visible.includes(decision.policy)) return undefined
  return { ...decision, policies: Object.fromEntries(visible.map((name) => [name, policies[name]])) }
}
