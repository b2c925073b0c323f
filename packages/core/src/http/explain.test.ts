import { describe, expect, it } from 'vitest'
import { createLimiter, penalty, slidingWindow } from '../index.js'
import { type FakeRequest, reader } from '../testing/reader.js'
import { failure, scriptedStore } from '../testing/scripted-store.js'
import { createGate } from './gate.js'
import { firstOf } from './keys/first-of.js'
import type { GateOptions } from './options.js'

const NOW = Date.UTC(2030)
const policy = slidingWindow({ limit: 2, window: '1m' })
const header = (name: string) => (req: FakeRequest) => req.headers?.[name]

function gateOf(options: GateOptions<FakeRequest>) {
  return createGate<FakeRequest>(reader, { clock: () => NOW, key: () => 'one', ...options })
}

describe('explain of a gate', () => {
  const rules = {
    user: { policy, key: firstOf(header('x-key'), () => 'nobody') },
    posts: { policy, when: (req: FakeRequest) => req.method === 'POST' },
    plan: {
      policy,
      limit: (req: FakeRequest) => (header('x-pro')(req) ? Number.POSITIVE_INFINITY : undefined),
    },
    costly: { policy, cost: () => 2 },
  }

  it('tells by the rules how each policy stands to a request, and charges nothing', async () => {
    const gate = gateOf({ policies: rules, skip: (req) => req.method === 'OPTIONS' })
    const req = { method: 'GET', headers: { 'x-pro': '1', 'x-key': 'ann' } }
    await gate.enter(req)
    for (let i = 0; i < 2; i++) {
      expect(await gate.explain(req)).toMatchObject({
        allowed: false,
        policy: 'costly',
        text: '"costly" refuses: 2 of 2 used in a window of 1 minute; a cost of 2 is admitted in 60 s.',
        policies: {
          user: { counted: true, key: '0:ann', level: 0, used: 1, remaining: 1 },
          posts: { counted: false, reason: 'when', text: 'not counted: `when` said no' },
          plan: { counted: false, reason: 'limit', key: 'one' },
          costly: { counted: true, key: 'one', used: 2 },
        },
      })
    }
    const other = await gate.explain({ method: 'POST' })
    expect(other.policies['user']).toMatchObject({ key: '1:nobody', level: 1, used: 0 })
    expect(other.policies['posts']).toMatchObject({ counted: true, used: 0 })
    expect(other.policies['costly']).not.toHaveProperty('level')
  })

  it('says of a request that is skipped that nothing counts', async () => {
    const gate = gateOf({ policies: rules, skip: async (req) => req.method === 'OPTIONS' })
    const { allowed, policy, text, policies } = await gate.explain({ method: 'OPTIONS' })
    expect([allowed, policy, text]).toEqual([true, null, 'No policy counts it, so nothing refuses.'])
    for (const name of Object.keys(rules)) {
      expect(policies[name]).toEqual({ counted: false, reason: 'skip', text: 'not counted: `skip` said yes' })
    }
  })

  it('asks a request that has not entered, and leaves it as it was', async () => {
    const gate = gateOf({ limit: 1, window: '1m' })
    const req = {}
    await gate.explain(req)
    expect(gate.decision(req)).toBeUndefined()
    expect(await gate.enter(req)).toMatchObject({ refused: false, decision: { used: 1 } })
  })

  it('is of the limiter that was passed', async () => {
    const limiter = createLimiter({
      policies: { a: slidingWindow({ limit: 9, window: '1m' }), b: policy },
      clock: () => NOW,
    })
    const gate = createGate<FakeRequest>(reader, { limiter, key: () => 'k', cost: 2 })
    await gate.enter({})
    expect(await gate.explain({})).toMatchObject({
      policy: 'b',
      policies: { a: { used: 2 }, b: { used: 2 } },
    })
  })

  it.each(['k', undefined, null, 5])('takes a request, not %j, and says what takes a key', async (key) => {
    const gate = gateOf({ limit: 1, window: '1m' })
    const coded = (ofKey: string) =>
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: expect.stringContaining(
          `not ${JSON.stringify(key)}: for a key write \`middleware.limiter.${ofKey}(key)\`.`,
        ),
      })
    await expect(gate.explain(key as never)).rejects.toThrow(coded('explain'))
    expect(() => gate.decision(key as never)).toThrow(coded('peek'))
  })

  it('says of a shadow that nothing refuses, and of each policy that it only watches', async () => {
    const gate = gateOf({
      policies: {
        a: { policy },
        b: { policy: slidingWindow({ limit: 2, window: '1m', shadow: true }) },
        c: { policy, limit: () => Number.POSITIVE_INFINITY },
      },
      shadow: true,
    })
    const text = '2 of 2 used in a window of 1 minute; the next would be admitted in 60 s; it only watches'
    for (let i = 0; i < 3; i++) expect(await gate.enter({})).toMatchObject({ refused: false })
    expect(await gate.explain({})).toMatchObject({
      allowed: true,
      code: 'OK',
      retryAfterMs: 0,
      text: 'Nothing refuses.',
      policies: {
        a: { counted: true, allowed: false, used: 2, retryAfterMs: 60_000, shadow: true, text },
        b: { counted: true, allowed: false, shadow: true, text },
        c: { counted: false, reason: 'limit', text: 'not counted: its limit is Infinity' },
      },
    })
  })

  it('says of a shadow which penalty would begin, and that a limit of 0 only watches', async () => {
    const gate = gateOf({
      policies: {
        pace: penalty(slidingWindow({ limit: 1, window: '1s' }), { first: '30s', max: '1h' }),
        none: { policy, limit: () => 0 },
        watched: { policy: slidingWindow({ limit: 1, window: '1m', shadow: true }), limit: () => 0 },
      },
      shadow: true,
    })
    const none = 'the limit is 0, which admits nothing; it only watches'
    expect((await gate.explain({})).policies).toMatchObject({ none: { text: none }, watched: { text: none } })
    const pace = gateOf({
      policy: penalty(slidingWindow({ limit: 1, window: '1s' }), { first: '30s', max: '1h' }),
      shadow: true,
    })
    await pace.enter({})
    expect(await pace.explain({})).toMatchObject({
      text: 'Nothing refuses.',
      policies: {
        default: {
          text: '1 of 1 used in a window of 1 second; the next begins a penalty of 30 s; it only watches',
        },
      },
    })
  })

  it('says of a shadow whose store does not answer that nobody counts', async () => {
    const store = scriptedStore()
    store.does = failure
    const gate = gateOf({
      name: 'n',
      limit: 1,
      window: '1m',
      store,
      fallback: 'deny',
      shadow: true,
      onError() {},
    })
    expect(await gate.explain({})).toMatchObject({
      allowed: true,
      code: 'OK',
      text: 'The store does not answer, so nobody counts.',
      policies: { n: { counted: false, reason: 'store', key: 'one' } },
    })
  })

  it('rejects with what a rule throws', async () => {
    const gate = gateOf({
      limit: 1,
      window: '1m',
      skip() {
        throw new Error('no')
      },
    })
    await expect(gate.explain({})).rejects.toMatchObject({ code: 'CALLBACK_FAILED' })
  })
})
