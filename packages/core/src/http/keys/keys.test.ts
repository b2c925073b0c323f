import fc from 'fast-check'
import { describe, expect, it, test, vi } from 'vitest'
import { type FakeRequest, reader } from '../../testing/reader.js'
import { createExtractors } from './create-extractors.js'
import type { KeyExtractor, MaybeKeyExtractor } from './extractors.js'
import { levelOf } from './first-of.js'
import { storedKey } from './key.js'
import { ownIp } from './own-ip.js'

const { allOf, byApiKey, byHeader, byIp, byRoute, everyone, firstOf, method } = createExtractors(reader)
const coded = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) })
const fixed =
  (key: string): KeyExtractor<FakeRequest> =>
  () =>
    key
const key = fc.oneof(
  fc.string({ minLength: 1 }),
  fc
    .array(fc.constantFrom('%', '&', '2', '5', '6', ':', '0', 'a'), { minLength: 1 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1 }),
)

describe('allOf', () => {
  it('joins without ambiguity', () => {
    const keys = fc.array(key, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const [a, b] = [allOf(...one.map(fixed))({}), allOf(...other.map(fixed))({})]
        expect(a === b).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads well', () => {
    expect(allOf(fixed('GET /users/:id'), fixed('203.0.113.7'))({})).toBe('GET /users/:id&203.0.113.7')
    expect(allOf(fixed('a&b'), fixed('c%d'))({})).toBe('a%26b&c%25d')
  })

  it('waits for those that are asynchronous', async () => {
    await expect(allOf(fixed('a'), async () => 'b')({})).resolves.toBe('a&b')
  })

  it('finds nothing where one of them finds nothing, which is for the next of firstOf to say', async () => {
    expect(allOf(fixed('a'), () => undefined)({})).toBeUndefined()
    expect(allOf(() => null, fixed('b'))({})).toBeUndefined()
    await expect(allOf(fixed('a'), async () => undefined)({})).resolves.toBeUndefined()
    expect(
      firstOf(
        allOf(fixed('a'), () => undefined),
        fixed('a'),
      )({}),
    ).toBe('1:a')
    expect(() => allOf(() => undefined, fixed(''))({})).toThrow(coded('KEY_INVALID', 'allOf'))
  })
})

describe('firstOf', () => {
  const find = (keys: (string | undefined)[]): string => {
    const extractors = [...keys.map((key) => () => key), fixed('last')] as unknown as [
      KeyExtractor<FakeRequest>,
    ]
    return firstOf(...extractors)({}) as string
  }

  it('never lets levels collide', () => {
    const keys = fc.array(fc.option(key, { nil: undefined }), { maxLength: 12 })
    const found = (keys: (string | undefined)[]) => {
      const level = keys.findIndex((key) => key !== undefined)
      return level === -1 ? [keys.length, 'last'] : [level, keys[level]]
    }
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const isSame = JSON.stringify(found(one)) === JSON.stringify(found(other))
        expect(find(one) === find(other)).toBe(isSame)
      }),
      { numRuns: 2000 },
    )
  })

  it('tags the key with its level, and can tell it', () => {
    const extractor = firstOf(
      () => null,
      async () => undefined,
      fixed('a:b'),
    )
    expect(levelOf(extractor, '2:a:b')).toBe(2)
    expect(levelOf(fixed('2:a'), '2:a')).toBeUndefined()
  })

  it('stays in the same turn as long as its extractors do', async () => {
    expect(firstOf(() => undefined, fixed('a'))({})).toBe('1:a')
    await expect(firstOf(async () => undefined, fixed('a'))({})).resolves.toBe('1:a')
  })

  it('does not ask those behind the one that found', () => {
    const later = vi.fn(fixed('b'))
    expect(firstOf(fixed('a'), later)({})).toBe('0:a')
    expect(later).not.toHaveBeenCalled()
  })

  test.each([
    ['an empty key', ''],
    ['a number', 0],
    ['false', false],
  ])('takes %s for a mistake, not for nothing', (_, value) => {
    const wrong = (() => value) as unknown as MaybeKeyExtractor<FakeRequest>
    expect(() => firstOf(wrong, fixed('a'))({})).toThrow(coded('KEY_INVALID', 'Extractor 0 of firstOf'))
  })
})

describe('byHeader', () => {
  it('finds a header by any case, and nothing in an empty one', () => {
    expect(byHeader('X-User')({ headers: { 'x-user': 'ann' } })).toBe('ann')
    expect(byHeader('x-user')({ headers: { 'x-user': '' } })).toBeUndefined()
    expect(byHeader('x-user')({})).toBeUndefined()
  })
})

describe('byApiKey', () => {
  const send = (apiKey: string) => ({ headers: { 'x-api-key': apiKey } })

  it('yields only what verifies', async () => {
    const known = byApiKey({ verify: (apiKey) => apiKey === 'issued' })
    expect(known(send('invented'))).toBeUndefined()
    expect(known({})).toBeUndefined()
    await expect(known(send('issued'))).resolves.toMatch(/^sha256:[\da-f]{64}$/)
  })

  it('takes nothing but true and false for an answer', () => {
    for (const answer of ['yes', { user: 1 }, undefined, 1]) {
      const verify = (() => answer) as unknown as () => boolean
      expect(() => byApiKey({ verify })(send('key'))).toThrow(
        expect.objectContaining({
          code: 'CALLBACK_FAILED',
          message: expect.stringContaining('true or false'),
        }),
      )
    }
  })

  it('is the SHA-256 of the key in UTF-16, and tells keys apart that UTF-8 cannot', async () => {
    const any = byApiKey({ verify: () => true })
    // printf 'abc' | iconv -t UTF-16LE | sha256sum
    await expect(any(send('abc'))).resolves.toBe(
      'sha256:13e228567e8249fce53337f25d7970de3bd68ab2653424c7b8f9fd05e33caedf',
    )
    expect(await any(send('\ud800'))).not.toBe(await any(send('\ud801')))
  })
})

describe('a stored key', () => {
  it('is the key itself up to 256 characters, else a digest of it', async () => {
    expect(storedKey('x'.repeat(256))).toBe('x'.repeat(256))
    const long = await storedKey('x'.repeat(257))
    expect(long).toMatch(/^sha256:[\da-f]{64}$/)
    expect(await storedKey('x'.repeat(258))).not.toBe(long)
  })
})

describe('the others', () => {
  it('are what they say', () => {
    expect(everyone()({})).toBe('everyone')
    expect(byRoute()({ method: 'POST', route: '/users/:id' })).toBe('POST /users/:id')
    expect(byIp()({ ip: '::ffff:203.0.113.7' })).toBe('203.0.113.7')
    expect([byIp(), ownIp(reader)].map((extractor) => extractor({ ip: '2001:db8::1' }))).toEqual([
      '2001:db8::/56',
      '2001:db8::/56',
    ])
    expect(byIp({ ipv6Subnet: 64 })({ ip: '2001:db8:0:ff::1' })).toBe('2001:db8:0:ff::/64')
    const forwarded = { peer: '10.0.0.1', headers: { forwarded: 'for=203.0.113.7' } }
    expect(byIp({ trustProxy: 1, header: 'Forwarded' })(forwarded)).toBe('203.0.113.7')
  })

  it('tell methods apart, in any case of theirs', () => {
    const writes = method('post', 'Delete')
    expect(['POST', 'DELETE', 'GET'].map((name) => writes({ method: name }))).toEqual([true, true, false])
  })

  it('have names, for stack traces', () => {
    const named = [byIp(), byRoute(), everyone(), byHeader('a'), firstOf(everyone()), allOf(everyone())]
    expect(named.map(({ name }) => name)).toEqual([
      'byIp',
      'byRoute',
      'everyone',
      'byHeader',
      'firstOf',
      'allOf',
    ])
  })
})

describe('misuse', () => {
  const build = byApiKey as (options: unknown) => unknown
  test.each<[string, () => unknown, string, string]>([
    ['byApiKey()', () => build(undefined), 'OPTION_INVALID', 'byApiKey takes an object of options'],
    ['byApiKey({})', () => build({}), 'OPTION_MISSING', 'byApiKey({ verify: (apiKey) => isKnown(apiKey) })'],
    ['byApiKey({ verify: true })', () => build({ verify: true }), 'OPTION_INVALID', '`verify`'],
    ['byApiKey({ verfy })', () => build({ verfy: () => true }), 'OPTION_UNKNOWN', '`verify`?'],
    ['byApiKey({ header })', () => build({ verify: () => true, header: 'a b' }), 'OPTION_INVALID', '"a b"'],
    ['byHeader()', () => byHeader(undefined as unknown as string), 'OPTION_INVALID', "a header's name"],
    ['byHeader(text)', () => byHeader('X User'), 'OPTION_INVALID', '"X User"'],
    ['firstOf()', () => (firstOf as () => unknown)(), 'OPTION_INVALID', 'firstOf takes extractors'],
    [
      'firstOf(text)',
      () => firstOf('ip' as unknown as KeyExtractor<FakeRequest>),
      'OPTION_INVALID',
      'firstOf',
    ],
    ['allOf()', () => allOf(), 'OPTION_INVALID', 'allOf takes extractors'],
    ['byIp({ trustproxy })', () => byIp({ trustproxy: 1 } as object), 'OPTION_UNKNOWN', '`trustProxy`?'],
    ['byIp() of nobody', () => byIp()({}), 'CLIENT_IP_UNKNOWN', 'byIp({ trustProxy: 1 })'],
    ['byRoute() too early', () => byRoute()({}), 'ROUTE_UNKNOWN', 'app.get(path, limiter, handler)'],
  ])('%s', (_, misuse, code, message) => {
    expect(misuse).toThrow(coded(code, message))
  })
})

describe('method', () => {
  it('takes any case, and says whether a request has one of them', () => {
    const writes = method('post', 'PATCH')
    expect(method('GET')({ method: 'HEAD' })).toBe(true)
    expect(method('HEAD')({ method: 'GET' })).toBe(false)
    expect([writes({ method: 'POST' }), writes({ method: 'PATCH' }), writes({ method: 'GET' })]).toEqual([
      true,
      true,
      false,
    ])
  })

  it.each([
    [() => method(), 'OPTION_MISSING', "method('POST', 'PATCH')"],
    [() => method('POTS'), 'OPTION_INVALID', 'Did you mean `POST`?'],
    [() => method(['GET', 'POST'] as never), 'OPTION_INVALID', 'not an array'],
  ])('is loud about what is no method: %#', (make, code, text) => {
    expect(make).toThrow(coded(code, text))
  })
})
