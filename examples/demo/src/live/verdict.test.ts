import { describe, expect, test } from 'vitest'
import type { Exchange } from './traffic.js'
import { misbehaviour } from './verdict.js'

const limits = {
  'x-ratelimit-limit': '20',
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': '1431857103',
  'x-ratelimit-window': '5',
}

function exchange(
  change: Partial<Omit<Exchange, 'headers'>> & { headers?: Record<string, string> } = {},
): Exchange {
  const { headers = limits, sentAt = 1000, ...rest } = change
  return {
    framework: 'Koa',
    persona: 'Cleo',
    method: 'GET',
    path: '/',
    sentAt,
    receivedAt: sentAt + 2,
    status: 200,
    body: '',
    headers: new Headers(headers),
    ...rest,
  }
}

const refusal = (policy: string, change: Partial<Omit<Exchange, 'headers'>> = {}) =>
  exchange({
    status: 429,
    headers: { ...limits, 'retry-after': '3' },
    body: JSON.stringify({ 'violated-policies': [policy] }),
    ...change,
  })

/** What every good run holds. */
const good = [refusal('standard'), refusal('login', { path: '/login', method: 'POST' })]
const admitted = (count: number, spacingMs: number) =>
  Array.from({ length: count }, (_, i) => exchange({ sentAt: i * spacingMs }))

describe('what a server did wrong', () => {
  test('is nothing when it kept to its limits', () => {
    const health = exchange({ path: '/health', headers: {} })
    const full = [...admitted(20, 100), exchange({ sentAt: 4999 })]
    expect(misbehaviour([...good, health, ...admitted(20, 100)])).toEqual([])
    // The first may have been decided just over five seconds before the last.
    expect(misbehaviour([...good, ...full])).toEqual([])
  })

  test.each<[string, Exchange[], RegExp]>([
    ['an error', [exchange({ status: 500 })], /^GET \/ of Cleo after 1.0 s was answered with 500\.$/],
    ['many errors', [1, 2, 3].map(() => exchange({ status: 500 })), /with 500, and 2 more like this\.$/],
    [
      'no answer',
      [exchange({ status: 0, body: 'connect ECONNREFUSED' })],
      /got no answer \(connect ECONNREFUSED\)/,
    ],
    ['no limit headers', [exchange({ headers: {} })], /without x-ratelimit-limit/],
    [
      'a limit header that says nothing',
      [exchange({ headers: { ...limits, 'x-ratelimit-reset': 'NaN' } })],
      /-reset/,
    ],
    [
      'a refusal without a wait',
      [{ ...refusal('standard'), headers: new Headers(limits) }],
      /Retry-After: null/,
    ],
    ['a refusal by nobody', [refusal('standard', { body: 'No.' })], /no policy is named/],
    [
      'a limited health check',
      [exchange({ path: '/health', status: 429 })],
      /answered with 429, although it is exempt/,
    ],
    ['limit headers on a health check', [exchange({ path: '/health' })], /carries x-ratelimit-limit/],
    ['too many', admitted(21, 200), /^21 requests of Cleo were admitted within 5 s; "standard" allows 20\.$/],
    [
      'too many logins',
      Array.from({ length: 4 }, (_, i) => exchange({ persona: 'Dan', path: '/login', sentAt: 3000 * i })),
      /^4 requests of Dan were admitted within 10 s; "login" allows 3\.$/,
    ],
    [
      'a wait that was not enough',
      [refusal('standard', { persona: 'Ada' }), refusal('standard', { persona: 'Ada', sentAt: 4000 })],
      /^Ada waited as long as Retry-After said, and was refused again after 4.0 s\.$/,
    ],
  ])('is %s', (_what, exchanges, message) => {
    expect(misbehaviour([...good, ...exchanges])[0]).toMatch(message)
  })

  test('is that it never refused', () => {
    expect(misbehaviour([exchange()])).toEqual([
      '"standard" never refused anyone.',
      '"login" never refused anyone.',
    ])
  })
})
