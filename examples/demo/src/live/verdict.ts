import { ada } from './personas.js'
import type { Exchange } from './traffic.js'

/** The limits of the quickstarts, and the paths that each covers. */
const LIMITS: readonly { policy: string; limit: number; windowMs: number; paths: readonly string[] }[] = [
  { policy: 'standard', limit: 20, windowMs: 5000, paths: ['/', '/login'] },
  { policy: 'login', limit: 3, windowMs: 10_000, paths: ['/login'] },
]

const LIMIT_HEADERS = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-window',
]

/** What one server did wrong, as sentences; several of a kind are told once. */
export function misbehaviour(exchanges: readonly Exchange[]): string[] {
  const problems = [...exchanges.flatMap(answerProblems), ...politeRefusedAgain(exchanges)]
  const told = groups(problems, ({ kind }) => kind).map(([first, ...others]) =>
    others.length === 0 ? `${first?.text}.` : `${first?.text}, and ${others.length} more like this.`,
  )
  return [...told, ...tooMany(exchanges), ...neverRefused(exchanges)]
}

/** The policies that a refusal names. */
export function refusers({ status, body }: Exchange): string[] {
  try {
    const names: unknown = status === 429 ? JSON.parse(body)['violated-policies'] : []
    return Array.isArray(names) ? names : []
  } catch {
    return []
  }
}

interface Problem {
  readonly kind: string
  readonly text: string
}

function answerProblems(exchange: Exchange): Problem[] {
  const { persona, method, path, sentAt, status, headers, body } = exchange
  const when = `${method} ${path} of ${persona} after ${(sentAt / 1000).toFixed(1)} s`
  const problem = (what: string) => ({ kind: `${method} ${path} ${what}`, text: `${when} ${what}` })
  if (status === 0) return [problem(`got no answer (${body})`)]

  const present = LIMIT_HEADERS.filter((name) => headers.has(name))
  if (path === '/health') {
    if (status !== 200) return [problem(`was answered with ${status}, although it is exempt`)]
    return present.map((name) => problem(`carries ${name}, although it is exempt`))
  }
  if (status !== 200 && status !== 429) return [problem(`was answered with ${status}`)]
  const missing = LIMIT_HEADERS.filter((name) => !/^\d+$/.test(headers.get(name) ?? ''))
  const problems = missing.map((name) => problem(`was answered without ${name}`))
  const retryAfter = headers.get('retry-after')
  if (status === 200 && retryAfter !== null) problems.push(problem('was admitted with a Retry-After'))
  if (status === 429) {
    if (!/^[1-9]\d*$/.test(retryAfter ?? ''))
      problems.push(problem(`was refused with Retry-After: ${retryAfter}`))
    if (refusers(exchange).length === 0) problems.push(problem('was refused, and no policy is named'))
  }
  return problems
}

function politeRefusedAgain(exchanges: readonly Exchange[]): Problem[] {
  const own = exchanges.filter(({ persona }) => persona === ada.name)
  const again = own.filter(({ status }, i) => status === 429 && own[i - 1]?.status === 429)
  const text = `${ada.name} waited as long as Retry-After said, and was refused again after`
  return again.map(({ sentAt }) => ({ kind: 'again', text: `${text} ${(sentAt / 1000).toFixed(1)} s` }))
}

/** Counts what was surely decided within one window. Servers know whole ms: one less, to be sure. */
function tooMany(exchanges: readonly Exchange[]): string[] {
  return LIMITS.flatMap(({ policy, limit, windowMs, paths }) => {
    const admitted = exchanges.filter(({ status, path }) => status === 200 && paths.includes(path))
    return groups(admitted, ({ persona }) => persona).flatMap((own) => {
      const within = own.map(({ sentAt: from }) => {
        const sent = own.filter(({ sentAt }) => sentAt >= from)
        return sent.filter(({ receivedAt }) => receivedAt < from + windowMs - 1).length
      })
      const most = Math.max(...within)
      const span = `within ${windowMs / 1000} s; "${policy}" allows ${limit}.`
      return most > limit ? [`${most} requests of ${own[0]?.persona} were admitted ${span}`] : []
    })
  })
}

function neverRefused(exchanges: readonly Exchange[]): string[] {
  const named = new Set(exchanges.flatMap(refusers))
  return LIMITS.filter(({ policy }) => !named.has(policy)).map(
    ({ policy }) => `"${policy}" never refused anyone.`,
  )
}

function groups<T>(items: readonly T[], key: (item: T) => string): T[][] {
  return [...new Set(items.map(key))].map((name) => items.filter((item) => key(item) === name))
}
