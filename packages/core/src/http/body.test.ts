import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Decision } from '../decision.js'
import {
  concurrency,
  createLimiter,
  leakyBucket,
  type Policy,
  penalty,
  quota,
  slidingWindow,
  spikeArrest,
  tokenBucket,
} from '../index.js'
import { jsonBody, ownBody, problemBody, requestIdOf, sentence } from './body.js'

const NOW = Date.UTC(2030, 0, 1)
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

/** The refusal that follows once the policy has admitted all it can. */
function refusal(policy: Policy, cost?: number, limit?: number): Decision {
  const limiter = createLimiter({ policies: { user: policy }, clock: () => NOW })
  for (let i = 0; i < 100; i++) {
    const options = { ...(cost && { cost }), ...(limit === undefined ? undefined : { limit }) }
    const { decision } = limiter.reserveSync('key', options)
    if (!decision.allowed) return decision
  }
  throw new Error('it admits everything')
}

describe('the sentence for people', () => {
  test.each<[Decision, string]>([
    [
      refusal(slidingWindow({ limit: 10, window: '1m' })),
      'The limit "user" of 10 requests per minute is used up. Try again in 1 minute.',
    ],
    [
      refusal(slidingWindow({ limit: 1, window: '90s' })),
      'The limit "user" of 1 request per 90 seconds is used up. Try again in 90 seconds.',
    ],
    [
      refusal(slidingWindow({ limit: 10, window: '250ms' })),
      'The limit "user" of 10 requests per 250 ms is used up. Try again in 250 ms.',
    ],
    [
      refusal(slidingWindow({ limit: 9, window: '2h', unit: 'tokens' })),
      'The limit "user" of 9 tokens per 2 hours is used up. Try again in 2 hours.',
    ],
    [
      refusal(quota({ limit: 3, period: 'month' })),
      'The limit "user" of 3 requests per 31 days is used up. Try again in 31 days.',
    ],
    [
      refusal(tokenBucket({ limit: 10, window: '1s', burst: 20 })),
      'The limit "user" of 20 requests per 2 seconds is used up. Try again in 100 ms.',
    ],
    [
      refusal(spikeArrest('5ps')),
      'The limit "user" needs 200 ms between calls; this came 0 ms after the previous. Try again in 200 ms.',
    ],
    [
      refusal(penalty(spikeArrest('5ps'), { first: '30s', max: '1h' })),
      'The limit "user" of 1 request per 200 ms was exceeded: a penalty runs. Try again in 30 seconds.',
    ],
    [
      refusal(slidingWindow({ limit: 9, window: '1m' }), 10),
      'This request costs more than the limit "user" can ever hold: 9 requests.',
    ],
    [
      refusal(slidingWindow({ limit: 9, window: '1m' }), 1, 0),
      'The limit "user" admits no requests from this caller.',
    ],
    [
      { code: 'LIMITER_UNAVAILABLE', retryAfterMs: 1000, policies: {} } as unknown as Decision,
      'The rate limiter is unavailable. Try again shortly.',
    ],
  ])('%# %s', (decision, text) => {
    expect(sentence(decision)).toBe(text)
  })
})

describe('bodies', () => {
  const decision = refusal(slidingWindow({ limit: 2, window: '1m' }))
  const source = { decision, status: 429, requestId: 'id' }

  it('say 503 by another problem type', () => {
    const down = {
      ...decision,
      code: 'LIMITER_UNAVAILABLE',
      retryAfterMs: 1500,
      policies: {},
    } as unknown as Decision
    const { contentType, body } = problemBody({ ...source, decision: down, status: 503 })
    expect(contentType).toBe('application/problem+json')
    expect(JSON.parse(body)).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title: 'Request cannot be satisfied due to temporary server capacity constraints',
      status: 503,
      detail: 'The rate limiter is unavailable. Try again shortly.',
      'violated-policies': [],
      code: 'LIMITER_UNAVAILABLE',
      retryAfter: 2,
      requestId: 'id',
    })
  })

  it('leave retryAfter out when no wait helps', () => {
    const never = { ...source, decision: refusal(slidingWindow({ limit: 2, window: '1m' }), 3), status: 413 }
    expect(JSON.parse(problemBody(never).body)).not.toHaveProperty('retryAfter')
    expect(JSON.parse(jsonBody(never).body).details).not.toHaveProperty('retryAfter')
  })

  it('list no shadow policy as violated', () => {
    const limiter = createLimiter({
      policies: {
        watched: slidingWindow({ limit: 1, window: '1m', shadow: true }),
        user: slidingWindow({ limit: 2, window: '1m' }),
      },
      clock: () => NOW,
    })
    for (let i = 0; i < 2; i++) limiter.consumeSync('key')
    const refused = limiter.consumeSync('key') as Decision
    expect(JSON.parse(problemBody({ ...source, decision: refused }).body)['violated-policies']).toEqual([
      'user',
    ])
  })

  it('say when to come back, as a date', () => {
    expect(JSON.parse(jsonBody(source).body).details.resetTime).toBe('2030-01-01T00:01:00.000Z')
  })

  it('round every wait up, and never to 0', () => {
    const waits = [1, 999, 1000, 1001].map((retryAfterMs) => {
      const soon = { ...decision, retryAfterMs } as Decision
      return JSON.parse(problemBody({ ...source, decision: soon }).body).retryAfter
    })
    expect(waits).toEqual([1, 1, 1, 2])
  })

  it('take what a function made: text, or JSON', () => {
    expect(ownBody('busy')).toEqual({ contentType: 'text/plain; charset=utf-8', body: 'busy' })
    expect(ownBody({ busy: true })).toEqual({ contentType: 'application/json', body: '{"busy":true}' })
    expect(ownBody(['busy'])).toEqual({ contentType: 'application/json', body: '["busy"]' })
  })

  it('of slots say that they are used at the same time', () => {
    const [one, jobs] = [1, 5].map((limit) => concurrency({ limit, lease: '10s' })) as [Policy, Policy]
    expect(sentence(refusal(one))).toBe(
      'The limit "user" of 1 request at once is reached. Try again in 10 seconds.',
    )
    expect(sentence(refusal(jobs))).toContain('of 5 requests at once is reached.')
    const pages = concurrency({ limit: 5, lease: '10s', unit: 'pages', code: 'THROTTLED' })
    expect(sentence(refusal(pages))).toContain('of 5 pages at once is reached.')
  })

  it('of a shaper name its queue', () => {
    expect(sentence(refusal(leakyBucket({ limit: 1, window: '1s', queue: 2 })))).toBe(
      'The limit "user" of 3 requests per 3 seconds is used up. Try again in 1 second.',
    )
  })
})

describe('the request id', () => {
  test.each(['a', 'A-z_0.9', 'a/b=c+d@e:f', '7f1e2c', 'x'.repeat(128)])('%s is taken over', (id) => {
    expect(requestIdOf(id)).toBe(id)
  })

  test.each([undefined, '', ' ', 'a b', 'a, b', 'x'.repeat(129), 'a\nb', 'ä', '<b>', '"', '{}', 'a;b'])(
    '%j is replaced',
    (id) => {
      expect(requestIdOf(id)).toMatch(UUID)
    },
  )

  it('is always short and plain', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (id) => {
        expect(requestIdOf(id)).toMatch(/^[\w.:+/=@-]{1,128}$/)
      }),
    )
  })
})
