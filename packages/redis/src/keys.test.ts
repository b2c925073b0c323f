import { createLimiter, fixedWindow, memoryStore, slidingWindow } from '@spillway/core'
import slotOf from 'cluster-key-slot'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEED } from '../../core/src/testing/check.js'
import { redisStore } from './index.js'
import { adjustmentKeysOf, keysOf } from './keys.js'
import { describeRedis } from './testing/suite.js'
import { useRedis } from './testing/use-client.js'

const LONG = 'x'.repeat(100_000)

/** Subjects that look like each other, like parts of our keys, or like something else altogether. */
const HOSTILE = [
  ...['a', '{a}', 'a}', '{a', '{}', '}{', '{', '}', '{a}:{b}', '}:hostile:user:sliding-window:1:60000:60'],
  ...['%', '%7B', '%7Ba%7D', '%257B', '%s', '%.0f', 'a%00b'],
  ...['\n', '\r\n', 'a\nb', '*1\r\n$8\r\nFLUSHALL\r\n', ' ', 'a ', ' a', '\0', 'a\0b', '\u001f'],
  ...[LONG, `${LONG}y`, `${LONG}{`],
  ...['\ud800', '\ud801', '\udc00', '\ufffd', '%uD800', 'u\ud800', '\ud83d\ude00', '\ude00\ud83d'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', '0', '-0'],
  ...['é', 'e\u0301', 'İ', 'i', '名', "'", '"', '\\', '`', '$', '[', '*', '?', ':', ','],
]

const pieces = [
  '{',
  '}',
  '%',
  '7B',
  ':',
  '\n',
  '\0',
  'a',
  'u',
  'D800',
  '\ud800',
  '\udfff',
  '\ufffd',
  '\u{1f600}',
]
const subject = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 5 }).map((units) => String.fromCharCode(...units)),
)

const user = slidingWindow({ limit: 2, window: '1m' })
const writes = fixedWindow({ limit: 1, window: '1m' })

describe('stored keys', () => {
  const plan = (name: string) => ({
    name,
    policies: [
      { ...user, name: 'user' },
      { ...user, name: 'writes' },
    ],
  })
  const bytes = (key: string) => Buffer.from(key).toString('latin1')

  it(`are the same only for the same prefix, limiter, policy and subject (seed ${SEED})`, () => {
    const whose = fc.record({
      prefix: subject,
      name: fc.constantFrom('a', 'b', 'user'),
      policy: fc.nat(1),
      subject,
    })
    const keyOf = ({ prefix, name, policy, subject }: { [K in keyof Whose]: Whose[K] }) =>
      bytes(keysOf(prefix, plan(name))(policy, subject))
    type Whose = typeof whose extends fc.Arbitrary<infer T> ? T : never
    fc.assert(
      fc.property(
        whose,
        whose,
        fc.constantFrom('prefix', 'name', 'policy', 'subject'),
        (one, other, part) => {
          // Most alike: only one part differs.
          const alike = { ...one, [part]: other[part] }
          expect(keyOf(one) === keyOf(alike)).toBe(one[part] === other[part])
        },
      ),
      { numRuns: 5000, seed: SEED },
    )
  })

  it(`of adjustments are the same only for the same adjustment, and no policy's (seed ${SEED})`, () => {
    const whose = fc.record({
      prefix: subject,
      name: fc.constantFrom('a', 'b'),
      id: fc.integer({ min: 1, max: 2 ** 52 }),
      subject,
    })
    type Whose = typeof whose extends fc.Arbitrary<infer T> ? T : never
    const keyOf = ({ prefix, name, id, subject }: { [K in keyof Whose]: Whose[K] }) =>
      bytes(adjustmentKeysOf(prefix, plan(name))(id, subject))
    const part = fc.constantFrom('prefix', 'name', 'id', 'subject')
    const tells = (one: Whose, other: Whose, part: keyof Whose) => {
      const alike = { ...one, [part]: other[part] }
      expect(keyOf(one) === keyOf(alike)).toBe(one[part] === other[part])
      const states = [0, 1].map((policy) =>
        bytes(keysOf(other.prefix, plan(other.name))(policy, one.subject)),
      )
      expect(states).not.toContain(keyOf(one))
    }
    fc.assert(fc.property(whose, whose, part, tells), { numRuns: 2000, seed: SEED })
  })

  it(`of one subject are in one slot, which nothing but the subject chooses (seed ${SEED})`, () => {
    fc.assert(
      fc.property(subject, subject, (prefix, subject) => {
        const keys = [0, 1].map((policy) => keysOf(prefix, plan('limits'))(policy, subject))
        keys.push(adjustmentKeysOf(prefix, plan('limits'))(7, subject))
        const elsewhere = keysOf('elsewhere', plan('others'))(0, subject)
        expect(new Set([...keys, elsewhere].map((key) => slotOf(key))).size).toBe(1)
        expect(slotOf(elsewhere)).toBe(slotOf(/\{(.*?)\}/s.exec(elsewhere)?.[1] as string))
      }),
      { numRuns: 2000, seed: SEED },
    )
  })
})

describeRedis('hostile subjects', () => {
  const client = useRedis()

  const limiter = (prefix?: string) =>
    createLimiter({
      name: 'hostile',
      policies: { user, writes },
      store: prefix === undefined ? memoryStore() : redisStore({ client: client(), prefix }),
      clock: () => 1_900_000_000_000,
      ...(prefix !== undefined && { deadline: '10s', fallback: 'deny' }),
    })

  /** Asks for all of them three times over, one by one: the first time each must be new. */
  async function ask(prefix: string | undefined, subjects: readonly string[]) {
    const { consume } = limiter(prefix)
    const decisions = []
    for (let i = 0; i < 3; i++) {
      const round = []
      for (const user of subjects)
        round.push(await consume({ user, writes: 'shared' }, { limit: { writes: 1e6 } }))
      decisions.push(round)
    }
    return decisions.map((round) => round.map(({ source, ...decision }) => decision))
  }

  it('share no state, and are to Redis what they are to memory', async () => {
    expect(new Set(HOSTILE).size).toBe(HOSTILE.length)
    const decisions = await ask('hostile', HOSTILE)
    expect(decisions.map((round) => round.filter(({ allowed }) => allowed).length)).toEqual([
      HOSTILE.length,
      HOSTILE.length,
      0,
    ])
    expect(decisions).toEqual(await ask(undefined, HOSTILE))
  })

  it(`any strings (seed ${SEED})`, async () => {
    let prefixes = 0
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(subject, { minLength: 2, maxLength: 20 }), async (subjects) => {
        const decisions = await ask(`any-${prefixes++}{`, subjects)
        expect(decisions).toEqual(await ask(undefined, subjects))
        expect(decisions[0]?.every(({ allowed }) => allowed)).toBe(true)
      }),
      { numRuns: 50, seed: SEED },
    )
  })

  it('are forgotten one by one', async () => {
    const { consume, reset } = limiter('forget')
    for (const subject of HOSTILE) await consume(subject)
    for (const subject of HOSTILE) {
      expect((await consume(subject)).allowed).toBe(false)
      await reset(subject)
      expect((await consume(subject)).allowed).toBe(true)
    }
  })
})
