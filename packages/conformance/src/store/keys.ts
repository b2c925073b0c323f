import { slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { on } from './bench.js'
import { itUnless, type StoreHarness } from './harness.js'

const HOSTILE = [
  ...['a', 'A', ' a', 'a ', '{a}', '{a', 'a}', '{', '}', '{}', '{}a', '{{a}}'],
  ...['%', '%%', '%25', '%2525', '%7Ba%7D', '%7ba%7d', '%7B', '%7D', '%s', '%00'],
  ...['a\n', '\na', 'a\r\n', 'a\\n', 'a\t', '\0', '\0a', 'a\0', 'a\0b', 'a\u2028'],
  ...[
    'a:b',
    'a:',
    ':a',
    ':',
    'a::b',
    'policy:a',
    'contract:policy:a',
    'a,b',
    'a|b',
    'a/b',
    '../a',
    '*',
    '?',
    '[a]',
  ],
  ...[
    '"a"',
    "'a'",
    "a'; DROP TABLE a; --",
    '#{a}',
    '$a',
    '`a`',
    '<a>',
    '0',
    '-0',
    '1',
    '1e0',
    'null',
    'undefined',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    'then',
    '[object Object]',
  ],
  ...['é', 'e\u0301', 'ß', 'ss', 'ı', 'i', '\u{1f600}', '\u{1f600}\u{1f600}', '\ufeffa', '\u200ba', '\ufffd'],
]

const SURROGATES = ['\ud83d', '\ude00', '\ud83da', '\ude00\ud83d', '\ud800', '\udfff', '\ufffd', '\u{1f600}']

const LARGE = [0, 1, 2].map((at) => `${'x'.repeat(50_000 * at)}y${'x'.repeat(100_000 - 50_000 * at)}`)

/** Whatever a caller is called, nobody else is. */
export function keys(harness: StoreHarness): void {
  const policy = slidingWindow({ limit: 1, window: '1m' })

  async function areApart(keys: readonly string[]): Promise<void> {
    const { limiter } = on(await harness.create(), { policy })
    const admittedNow = async () => {
      const decisions = []
      for (const key of keys) decisions.push([key, (await limiter.consume(key)).allowed])
      return decisions
    }
    expect(await admittedNow()).toEqual(keys.map((key) => [key, true]))
    expect(await admittedNow()).toEqual(keys.map((key) => [key, false]))
    await limiter.reset(keys[0] as string)
    expect(await admittedNow()).toEqual(keys.map((key, i) => [key, i === 0]))
  }

  describe('keys', () => {
    it('of any text never share state', () => areApart(HOSTILE))

    itUnless(harness.exempt?.['lone surrogates'], 'with lone surrogates never share state', () =>
      areApart(SURROGATES),
    )

    itUnless(harness.exempt?.['large keys'], 'of 100,000 characters never share state', () => areApart(LARGE))

    it('are apart in limiters of different names, and under different policies', async () => {
      const store = await harness.create()
      const limiters = ['a', 'b', 'a-b', 'a-b-c', 'constructor'].map((name) => {
        return on(store, { a: policy, b: policy, c: policy, 'b-c': policy, constructor: policy }, name)
          .limiter
      })
      const nobody = { a: null, b: null, c: null, 'b-c': null, constructor: null }
      for (const expected of [true, false]) {
        for (const limiter of limiters) {
          for (const name of Object.keys(nobody)) {
            for (const key of ['a', 'b', 'a:b', 'b:a', 'b-c:a']) {
              expect((await limiter.consume({ ...nobody, [name]: key })).allowed).toBe(expected)
            }
          }
        }
      }
    })

    it('are shared by limiters of one name', async () => {
      const store = await harness.create()
      const [one, other] = [on(store, { policy }).limiter, on(store, { policy }).limiter]
      expect((await one.consume('k')).allowed).toBe(true)
      expect((await other.consume('k')).allowed).toBe(false)
    })
  })
}
