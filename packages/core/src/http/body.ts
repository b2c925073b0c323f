import type { Decision, PolicyState } from '../decision.js'
import { SpillwayError, show } from '../errors.js'
import { span, wait } from '../words.js'
import { seconds, untilMs } from './headers/dialect.js'

/** What a refusal's body is made of. */
export interface BodySource {
  readonly decision: Decision
  readonly status: number
  readonly requestId: string
}

export interface Body {
  readonly contentType: string
  readonly body: string
}

const PROBLEM_TYPES = 'https://iana.org/assignments/http-problem-types'

/** What two kinds of problem say of themselves. */
const QUOTA_EXCEEDED =
  `"type":"${PROBLEM_TYPES}#quota-exceeded",` +
  '"title":"Request cannot be satisfied as assigned quota has been exceeded"'
const REDUCED_CAPACITY =
  `"type":"${PROBLEM_TYPES}#temporary-reduced-capacity",` +
  '"title":"Request cannot be satisfied due to temporary server capacity constraints"'

/**
 * Problem details. In a flood of requests this is what costs most, and `JSON.stringify` would be most of it. There is nothing
 * for it to do: names and units are letters, digits and hyphens, and the quotes around names are escaped here.
 * @see RFC 9457; draft-ietf-httpapi-ratelimit-headers-11, section 5, for the problem types
 */
export function problemBody({ decision, status, requestId }: BodySource): Body {
  const { code, retryAfterMs } = decision
  const kind = code === 'LIMITER_UNAVAILABLE' ? REDUCED_CAPACITY : QUOTA_EXCEEDED
  const detail = sentence(decision, '\\"')
  const policies = violated(decision).join('","')
  const retryAfter = retryAfterMs === null ? '' : `"retryAfter":${seconds(retryAfterMs)},`
  const body =
    `{${kind},"status":${status},"detail":"${detail}","violated-policies":[${policies && `"${policies}"`}],` +
    `"code":"${code}",${retryAfter}"requestId":"${requestId}"}`
  return { contentType: 'application/problem+json', body }
}

/** A flat error with a code and the binding policy's numbers. */
export function jsonBody({ decision, requestId }: BodySource): Body {
  const error = {
    error: sentence(decision),
    code: decision.code,
    requestId,
    details: {
      policy: decision.policy,
      limit: decision.limit,
      remaining: decision.remaining,
      resetTime: new Date(decision.now + untilMs(decision)).toISOString(),
      ...retryAfter(decision),
    },
  }
  return { contentType: 'application/json', body: JSON.stringify(error) }
}

/** What a function of the user's made. */
export function ownBody(content: string | object): Body {
  if (typeof content === 'string') return { contentType: 'text/plain; charset=utf-8', body: content }
  if (typeof content !== 'object') {
    throw new SpillwayError('CALLBACK_FAILED', `\`body\` gave ${show(content)}: write a string or an object.`)
  }
  return { contentType: 'application/json', body: JSON.stringify(content) }
}

function violated(decision: Decision): string[] {
  const policies = decision.policies as Record<string, PolicyState>
  return Object.keys(policies).filter((name) => {
    const { allowed, shadow } = policies[name] as PolicyState
    return !allowed && !shadow
  })
}

/** Seconds, as `Retry-After` says them; left out when no wait helps. */
function retryAfter({ retryAfterMs }: Decision): { retryAfter?: number } {
  return retryAfterMs === null ? {} : { retryAfter: seconds(retryAfterMs) }
}

/**
 * One sentence for people: which limit, how large, and until when.
 * @param quote what stands on both sides of a name
 */
export function sentence(decision: Decision, quote = '"'): string {
  const { code, limit, retryAfterMs } = decision
  if (code === 'LIMITER_UNAVAILABLE') return 'The rate limiter is unavailable. Try again shortly.'
  const {
    windowMs,
    unit = limit === 1 ? 'request' : 'requests',
    spacing,
    slots,
    penalty,
  } = (decision.policies as Record<string, PolicyState>)[decision.policy] as PolicyState
  const policy = `${quote}${decision.policy}${quote}`
  if (limit === 0) return `The limit ${policy} admits no ${unit} from this caller.`
  if (code === 'COST_EXCEEDS_LIMIT') {
    return `This request costs more than the limit ${policy} can ever hold: ${limit} ${unit}.`
  }
  const again = retryAfterMs === null ? '' : ` Try again in ${wait(retryAfterMs)}.`
  if (penalty) {
    return `The limit ${policy} of ${limit} ${unit} per ${span(windowMs)} was exceeded: a penalty runs.${again}`
  }
  if (spacing) {
    return `The limit ${policy} needs ${spacing.wantedMs} ms between calls; this came ${spacing.seenMs} ms after the previous.${again}`
  }
  if (slots) {
    return `The limit ${policy} of ${limit} ${unit} at once is reached.${again}`
  }
  return `The limit ${policy} of ${limit} ${unit} per ${span(windowMs)} is used up.${again}`
}

/** The id in the body of a refusal, for errors of your own: the incoming `X-Request-Id` when it is sane, else a new UUID. */
export function requestIdOf(incoming: string | undefined): string {
  return incoming !== undefined && /^[\w.:+/=@-]{1,128}$/.test(incoming) ? incoming : crypto.randomUUID()
}
