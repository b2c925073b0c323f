import fc from 'fast-check'
import { parseList } from 'structured-headers'
import { describe, expect, it, test } from 'vitest'
import type { Decision, PolicyState } from '../../decision.js'
import { createLimiter, slidingWindow, spikeArrest, tokenBucket } from '../../index.js'
import { reader } from '../../testing/reader.js'
import { createGate } from '../gate.js'
import { checkDialects, type HeaderDialectName, limitHeaders } from './headers.js'
import { xRateLimit } from './x-ratelimit.js'

const NOW = 1_900_000_000_123

function state(some: Partial<PolicyState> = {}): PolicyState {
  const defaults = {
    key: 'k',
    allowed: true,
    limit: 10,
    windowMs: 60_000,
    used: 1,
    remaining: 9,
    resetMs: 60_000,
  }
  return { ...defaults, retryAfterMs: some.allowed === false ? 1500 : 0, ...some }
}

/** A decision whose first policy binds. */
function decision(policies: Record<string, PolicyState>, some: Partial<Decision> = {}): Decision {
  const [[policy, { limit, used, remaining, resetMs, retryAfterMs, allowed }]] = Object.entries(policies) as [
    [string, PolicyState],
  ]
  const code = allowed ? 'OK' : 'RATE_LIMIT_EXCEEDED'
  const own = { policy, limit, used, remaining, resetMs, retryAfterMs, allowed, code, delayMs: 0, now: NOW }
  return { ...own, policies, source: 'store', atomic: true, ...some } as Decision
}

function write(names: HeaderDialectName[], ...decisions: Decision[]): Record<string, string> {
  const dialects = checkDialects(names)
  return Object.fromEntries(limitHeaders(decisions.map((decision) => ({ decision, dialects }))))
}

describe('each dialect', () => {
  const allowed = decision({ user: state({ remaining: 7, resetMs: 58_001 }) })
  const refused = decision({
    user: state({ allowed: false, remaining: 0, resetMs: 60_000, retryAfterMs: 1500 }),
  })
  const never = decision({
    user: state({ allowed: false, remaining: 4, resetMs: 30_000, retryAfterMs: null }),
  })

  test.each<[HeaderDialectName, Decision, Record<string, string>]>([
    [
      'x-ratelimit',
      allowed,
      {
        'X-RateLimit-Limit': '10',
        'X-RateLimit-Remaining': '7',
        'X-RateLimit-Reset': '1900000059',
        'X-RateLimit-Window': '60',
      },
    ],
    [
      'x-ratelimit',
      refused,
      {
        'X-RateLimit-Limit': '10',
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': '1900000002',
        'X-RateLimit-Window': '60',
      },
    ],
    ['ratelimit', allowed, { 'RateLimit-Policy': '"user";q=10;w=60', RateLimit: '"user";r=7;t=59' }],
    ['ratelimit', refused, { 'RateLimit-Policy': '"user";q=10;w=60', RateLimit: '"user";r=0;t=2' }],
    ['ratelimit', never, { 'RateLimit-Policy': '"user";q=10;w=60', RateLimit: '"user";r=4;t=30' }],
    ['ratelimit-7', allowed, { 'RateLimit-Policy': '10;w=60', RateLimit: 'limit=10, remaining=7, reset=59' }],
    ['ratelimit-7', refused, { 'RateLimit-Policy': '10;w=60', RateLimit: 'limit=10, remaining=0, reset=2' }],
    [
      'ratelimit-6',
      refused,
      {
        'RateLimit-Policy': '10;w=60',
        'RateLimit-Limit': '10',
        'RateLimit-Remaining': '0',
        'RateLimit-Reset': '2',
      },
    ],
  ])('%s', (name, decision, headers) => {
    expect(write([name], decision)).toEqual(headers)
  })

  it('calls the limit of a meter its burst, and its window the time to drain that', () => {
    const policies = {
      bucket: tokenBucket({ limit: 3, window: '1s', burst: 10 }),
      spikes: spikeArrest('7pm'),
    }
    const limiter = createLimiter({ policies, clock: () => NOW })
    expect(write(['ratelimit'], limiter.consumeSync('k') as Decision)['RateLimit-Policy']).toBe(
      '"bucket";q=10;w=4, "spikes";q=1;w=9',
    )
  })
})

describe('xRateLimit(decision), for an answer of your own', () => {
  const hidden = state({ hidden: true })
  const gateway = state({ hidden: true, allowed: false, remaining: 0 })
  const watching = state({ shadow: true, allowed: false })

  test.each<[string, Decision]>([
    ['a policy that admits', decision({ user: state() })],
    ['one beside what clients do not see', decision({ user: state(), hidden, watching })],
    ['a hidden one that refuses', decision({ gateway })],
    ['a hidden one that admits', decision({ hidden })],
    ['one that only watches', decision({ watching }, { allowed: true, code: 'OK' } as Partial<Decision>)],
    ['nobody who counted', decision({ user: state() }, { source: 'fallback' })],
  ])('gives what the dialect sends of %s', (_, decision) => {
    expect(xRateLimit(decision)).toEqual(write(['x-ratelimit'], decision))
  })

  it('shows a hidden policy that was made to be seen', () => {
    const { hidden: _, ...shown } = hidden
    expect(xRateLimit(decision({ shown }))).toMatchObject({ 'X-RateLimit-Limit': '10' })
  })

  it('gives none of a shadow', async () => {
    const own = { key: () => 'k', limit: 1, window: '1m' } as const
    const [plain, shadow] = [createGate(reader, own), createGate(reader, { ...own, shadow: true })]
    const req = {}
    await plain.enter(req)
    await shadow.enter(req)
    expect(xRateLimit(plain.decision(req))).toMatchObject({ 'X-RateLimit-Limit': '1' })
    expect(shadow.decision(req)).toMatchObject({ limit: 1 })
    expect(xRateLimit(shadow.decision(req))).toEqual({})
  })
})

test('those of a decision are none where there is none, or nothing limits', async () => {
  expect(xRateLimit(undefined)).toEqual({})
  const limiter = createLimiter({ policies: { user: slidingWindow({ limit: 1, window: '1m' }) } })
  expect(xRateLimit(await limiter.consume('k', { limit: Number.POSITIVE_INFINITY }))).toEqual({})
})

describe('slots, which no time gives back', () => {
  const slots = { slots: true, limit: 5, remaining: 2, windowMs: 10_000, resetMs: 9000 } as const
  const free = decision({ jobs: state(slots) })
  const full = decision({ jobs: state({ ...slots, allowed: false, remaining: 0 }) })

  test.each<[HeaderDialectName, Decision, Record<string, string>]>([
    [
      'x-ratelimit',
      free,
      { 'X-RateLimit-Limit': '5', 'X-RateLimit-Remaining': '2', 'X-RateLimit-Reset': '1900000010' },
    ],
    [
      'x-ratelimit',
      full,
      { 'X-RateLimit-Limit': '5', 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1900000002' },
    ],
    [
      'ratelimit',
      free,
      { 'RateLimit-Policy': '"jobs";q=5;qu="concurrent-requests"', RateLimit: '"jobs";r=2' },
    ],
    [
      'ratelimit',
      full,
      { 'RateLimit-Policy': '"jobs";q=5;qu="concurrent-requests"', RateLimit: '"jobs";r=0;t=2' },
    ],
    [
      'ratelimit',
      decision({ jobs: state({ ...slots, unit: 'pages' }) }),
      { 'RateLimit-Policy': '"jobs";q=5;qu="pages"', RateLimit: '"jobs";r=2' },
    ],
    ['ratelimit-7', free, { RateLimit: 'limit=5, remaining=2, reset=9' }],
    ['ratelimit-6', full, { 'RateLimit-Limit': '5', 'RateLimit-Remaining': '0', 'RateLimit-Reset': '2' }],
  ])('%s', (name, decision, headers) => {
    expect(write([name], decision)).toEqual(headers)
  })
})

describe('several limiters', () => {
  const wide = decision({ wide: state({ limit: 100, remaining: 50 }) })
  const narrow = decision({ narrow: state({ limit: 10, remaining: 4 }) })
  const refused = decision({ inner: state({ allowed: false, limit: 5, remaining: 0 }) })
  const limitOf = (...decisions: Decision[]) => write(['x-ratelimit'], ...decisions)['X-RateLimit-Limit']

  it('show the smallest share that is left, in whichever order', () => {
    expect(limitOf(wide, narrow)).toBe('10')
    expect(limitOf(narrow, wide)).toBe('10')
    const roomy = decision({ roomy: state({ limit: 20, remaining: 19 }) })
    expect(limitOf(wide, roomy)).toBe('100')
  })

  it('show the refusal, whatever is left of the others', () => {
    const empty = decision({ outer: state({ remaining: 0, limit: 9 }) })
    expect(limitOf(empty, refused)).toBe('5')
    expect(limitOf(refused, empty)).toBe('5')
  })

  it('show the last of two refusals', () => {
    expect(limitOf(decision({ outer: state({ allowed: false, limit: 8 }) }), refused)).toBe('5')
  })

  it('list all of all, outermost first', () => {
    const two = decision({ a: state(), b: state({ unit: 'tokens' }) })
    expect(write(['ratelimit'], two, refused)).toEqual({
      'RateLimit-Policy': '"a";q=10;w=60, "b";q=10;qu="tokens";w=60, "inner";q=5;w=60',
      RateLimit: '"a";r=9;t=60, "b";r=9;t=60, "inner";r=0;t=2',
    })
  })

  it('speak each dialect once, of those limiters that speak it', () => {
    const sources = [
      { decision: wide, dialects: checkDialects(['x-ratelimit', 'ratelimit']) },
      { decision: narrow, dialects: checkDialects(['ratelimit']) },
      { decision: refused, dialects: [] },
    ]
    expect(Object.fromEntries(limitHeaders(sources))).toMatchObject({
      'X-RateLimit-Limit': '100',
      RateLimit: '"wide";r=50;t=60, "narrow";r=4;t=60',
    })
  })

  it('ask a dialect of your own once for all', () => {
    const seen: number[] = []
    const dialect = (_: Decision, all: readonly Decision[]) => {
      seen.push(all.length)
      return { 'X-Mine': `${all.length}` }
    }
    const sources = [wide, narrow].map((decision) => ({ decision, dialects: checkDialects([dialect]) }))
    expect(limitHeaders(sources)).toEqual([['X-Mine', '2']])
    expect(seen).toEqual([2])
  })

  it('are one where a dialect spells one in two ways, the last', () => {
    const mine = () => ({ 'X-RateLimit-Limit': '1', 'x-ratelimit-limit': 'mine' })
    const headers = limitHeaders([{ decision: wide, dialects: checkDialects([mine, mine]) }])
    expect(headers).toEqual([['x-ratelimit-limit', 'mine']])
  })

  it('are the ones of ours behind a dialect of your own', () => {
    const mine = () => ({ 'x-ratelimit-limit': 'mine' })
    const headers = limitHeaders([{ decision: wide, dialects: checkDialects([mine, 'x-ratelimit']) }])
    expect(headers.filter(([name]) => /limit-limit/i.test(name))).toEqual([['X-RateLimit-Limit', '100']])
  })

  it('come from a dialect that is named twice once', () => {
    const asked: number[] = []
    const mine = (_: Decision, all: readonly Decision[]) => ({ 'X-Mine': String(asked.push(all.length)) })
    const headers = limitHeaders([{ decision: wide, dialects: checkDialects([mine, mine]) }])
    expect([headers, asked]).toEqual([[['X-Mine', '1']], [1]])
  })

  it('let a later dialect have the last word on a header, however it spells that, and on no other', () => {
    const mine = () => ({ 'x-ratelimit-limit': 'mine', 'X-RateLimit-Level': 'too' })
    const headers = limitHeaders([{ decision: wide, dialects: checkDialects(['x-ratelimit', mine]) }])
    expect(headers.filter(([name]) => name.length === 17)).toEqual([
      ['x-ratelimit-limit', 'mine'],
      ['X-RateLimit-Reset', expect.any(String)],
      ['X-RateLimit-Level', 'too'],
    ])
  })
})

describe('what clients do not see', () => {
  const hidden = state({ hidden: true })
  const shadow = state({ shadow: true, allowed: false })

  test.each<[string, Decision, string | undefined]>([
    ['a hidden policy that admits', decision({ user: state(), hidden }), '"user";r=9;t=60'],
    ['a shadow one, though it would refuse', decision({ user: state(), shadow }), '"user";r=9;t=60'],
    ['anything, when all are hidden', decision({ hidden }), undefined],
    [
      'anything, when all are shadows',
      decision({ shadow }, { allowed: true, code: 'OK' } as Partial<Decision>),
      undefined,
    ],
    ['anything, when nobody counted', decision({ user: state() }, { source: 'fallback' }), undefined],
  ])('%s', (_, decision, list) => {
    expect(write(['ratelimit'], decision)['RateLimit']).toBe(list)
  })

  it('is shown once it refuses', () => {
    const gateway = state({ hidden: true, allowed: false, remaining: 0 })
    expect(write(['ratelimit'], decision({ gateway, user: state() }))['RateLimit']).toBe(
      '"gateway";r=0;t=2, "user";r=9;t=60',
    )
  })

  it('is kept from a dialect of your own too', () => {
    const seen: unknown[] = []
    const dialects = checkDialects([
      (binding: Decision, all: readonly Decision[]) => {
        seen.push(Object.keys(binding.policies), all.length)
        return {}
      },
    ])
    limitHeaders([{ decision: decision({ user: state(), hidden, shadow }), dialects }])
    expect(seen).toEqual([['user'], 1])
  })
})

it('writes structured fields, whatever the numbers and names', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
  const count = fc.integer({ min: 1, max: 2 ** 49 })
  const states = fc.record({ limit: count, windowMs: count, remaining: count, resetMs: count, unit: name })
  fc.assert(
    fc.property(fc.dictionary(name, states, { minKeys: 1, maxKeys: 5 }), (policies) => {
      const all = Object.fromEntries(Object.entries(policies).map(([name, some]) => [name, state(some)]))
      const headers = write(['ratelimit'], decision(all))
      const lists = [headers['RateLimit-Policy'], headers['RateLimit']].map((text) =>
        parseList(text as string).map(([item, parameters]) => [item, Object.fromEntries(parameters)]),
      )
      const entries = Object.entries(policies)
      expect(lists[0]).toEqual(
        entries.map(([name, { limit, unit, windowMs }]) => [
          name,
          { q: limit, qu: unit, w: Math.ceil(windowMs / 1000) },
        ]),
      )
      expect(lists[1]).toEqual(
        entries.map(([name, { remaining, resetMs }]) => [
          name,
          { r: remaining, t: Math.ceil(resetMs / 1000) },
        ]),
      )
    }),
  )
})

it('never says 0 seconds while it refuses', () => {
  const policy = slidingWindow({ limit: 1, window: '2s' })
  let now = NOW
  const limiter = createLimiter({ policies: { user: policy }, clock: () => now })
  limiter.consumeSync('k')
  now += 1999
  expect(write(['ratelimit-6'], limiter.consumeSync('k') as Decision)['RateLimit-Reset']).toBe('1')
})
