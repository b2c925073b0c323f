import type { Decision } from '../../decision.js'
import { SpillwayError, show } from '../../errors.js'
import { suggest } from '../../options.js'
import { forClients, type HeaderDialect } from './dialect.js'
import { rateLimit } from './ratelimit.js'
import { rateLimit6 } from './ratelimit-6.js'
import { rateLimit7 } from './ratelimit-7.js'
import { xRateLimitOf } from './x-ratelimit.js'

export type HeaderDialectName = 'x-ratelimit' | 'ratelimit' | 'ratelimit-7' | 'ratelimit-6'

const DIALECTS: Record<HeaderDialectName, HeaderDialect> = {
  'x-ratelimit': xRateLimitOf,
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
  return [...new Set(headers)]
}

export type Header = [name: string, value: string]

/** One limiter's part in the headers of a request; none while it has come to no decision. */
export interface HeaderSource {
  readonly decision: Decision | undefined
  readonly dialects: readonly Dialect[]
}

/**
 * The limit headers of a request, merged over all of its limiters: each dialect gets the decisions of those that speak it,
 * and the one that binds: the last refusal, else the smallest remaining share.
 */
export function limitHeaders(sources: readonly HeaderSource[]): Header[] {
  const spoken = new Map<Dialect, Decision[]>()
  for (const { decision, dialects } of sources) {
    const shown = decision && forClients(decision)
    if (shown === undefined) continue
    for (const dialect of dialects) {
      const all = spoken.get(dialect)
      if (all === undefined) spoken.set(dialect, [shown])
      else all.push(shown)
    }
  }
  const headers: Header[] = []
  for (const [dialect, all] of spoken) write(headers, dialect, all)
  return headers
}

/** Sets a header, which has the last word on an earlier one, however that spells the name. */
export function setHeader(headers: Header[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i++) {
    const known = (headers[i] as Header)[0]
    if (known.length === name.length && known.toLowerCase() === name.toLowerCase()) {
      headers[i] = [name, value]
      return
    }
  }
  headers.push([name, value])
}

function write(headers: Header[], dialect: Dialect, all: readonly Decision[]): void {
  const binding = all.reduce((best, other) => (binds(other, best) ? other : best))
  const fields = (typeof dialect === 'function' ? dialect : DIALECTS[dialect])(binding, all)
  // Of a dialect of ours no two names are the same.
  const isFirst = headers.length === 0 && typeof dialect === 'string'
  // `Object.entries` would take most of the time of this.
  for (const name of Object.keys(fields)) {
    if (isFirst) headers.push([name, fields[name] as string])
    else setHeader(headers, name, fields[name] as string)
  }
}

function binds(other: Decision, best: Decision): boolean {
  if (!other.allowed || !best.allowed) return !other.allowed
  return other.remaining / other.limit < best.remaining / best.limit
}
