import { describe, expect, it, vi } from 'vitest'
import type { Decision } from '../decision.js'
import { concurrency, leakyBucket, memoryStore, slidingWindow } from '../index.js'
import type { Plan } from '../store.js'
import { type FakeRequest, reader } from '../testing/reader.js'
import { failure, scriptedStore } from '../testing/scripted-store.js'
import { createGate, type Gate, type Pass, type Refusal } from './gate.js'
import { createByHeader } from './keys/by-header.js'
import { everyone } from './keys/everyone.js'
import type { GateOptions } from './options.js'

const NOW = Date.UTC(2030, 0, 1)
const key = () => 'one'
const two = {
  minute: slidingWindow({ limit: 1, window: '1m' }),
  hour: slidingWindow({ limit: 9, window: '1h' }),
}
const gate = (options: GateOptions<FakeRequest> = {}) =>
  createGate<FakeRequest>(reader, { limit: 1, window: '1m', clock: () => NOW, key, ...options })

async function refuse(gate: Gate<FakeRequest>, req: FakeRequest = {}): Promise<Refusal> {
  await gate.enter({})
  return (await gate.enter(req)) as Refusal
}

describe('enter', () => {
  it('stays in the same turn on a synchronous store, refusals included', () => {
    const one = gate({ cost: () => 1, skip: () => false, refund: 'failed' })
    expect(one.enter({})).not.toBeInstanceOf(Promise)
    expect(one.enter({})).toMatchObject({ refused: true, status: 429 })
  })

  it('waits where a store or a callback does', async () => {
    for (const options of [{ key: async () => 'one' }, { skip: async () => false }]) {
      expect(gate(options).enter({})).toBeInstanceOf(Promise)
    }
  })

  it.each<[string, GateOptions<FakeRequest>]>([
    ['no key', { key: () => '' }],
    [
      'no key for two policies',
      { limit: undefined, window: undefined, policies: two, key: () => '' } as never,
    ],
  ])('rejects where a request has %s', async (_, options) => {
    await expect(gate(options).enter({})).rejects.toMatchObject({ code: 'KEY_INVALID' })
  })

  it('decides once on a request, and remembers', () => {
    const one = gate()
    const req = {}
    expect(one.decision(req)).toBeUndefined()
    expect((one.enter(req) as Pass).decision).toBe(one.decision(req))
    const again = one.enter(req) as Pass
    expect(again).toMatchObject({ refused: false, decision: undefined, delayMs: 0 })
    expect(again.finish).toBeUndefined()
    expect(again.headers()).toContainEqual(['X-RateLimit-Remaining', '0'])
    expect((one.enter({}) as Refusal).refused).toBe(true)
  })

  it('says the delay of a shaper', () => {
    const paced = createGate(reader, {
      policy: leakyBucket({ limit: 1, window: '1s', queue: 5 }),
      clock: () => NOW,
      key,
    })
    expect([{}, {}, {}].map((req) => (paced.enter(req) as Pass).delayMs)).toEqual([0, 1000, 2000])
  })

  it('says no delay in the shadow', () => {
    const policy = leakyBucket({ limit: 1, window: '1s', queue: 5 })
    const tried = createGate(reader, { policy, shadow: true, clock: () => NOW, key })
    expect([{}, {}].map((req) => (tried.enter(req) as Pass).delayMs)).toEqual([0, 0])
  })
})

describe('a gate in the shadow', () => {
  const policy = concurrency({ limit: 1, lease: '1m', queue: 5, maxWait: '1h' })

  it.each([
    ['a synchronous', memoryStore],
    ['an asynchronous', scriptedStore],
  ])('lets nobody wait for a slot, on %s store', async (_kind, createStore) => {
    const tried = createGate(reader, { name: 'api', store: createStore(), policy, shadow: true, key })
    for (const allowed of [true, false]) {
      const pass = await tried.enter({})
      expect(pass).toMatchObject({ refused: false, decision: { allowed } })
    }
  })
})

describe('a refusal', () => {
  it('keeps the content type apart from the headers', async () => {
    const refusal = await refuse(gate())
    expect(refusal.contentType).toBe('application/problem+json')
    expect(refusal.headers.map(([name]) => name)).toEqual([
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'X-RateLimit-Window',
      'Retry-After',
      'Cache-Control',
    ])
  })

  it('has the last word on its own headers, however a dialect spells them', async () => {
    const mine = () => ({ 'retry-after': 'soon', 'CACHE-CONTROL': 'public', 'X-Mine': '1' })
    expect((await refuse(gate({ headers: [mine] }))).headers).toEqual([
      ['Retry-After', '60'],
      ['Cache-Control', 'no-store'],
      ['X-Mine', '1'],
    ])
  })

  it('is a 503 without limit headers when nobody counted', async () => {
    const store = scriptedStore()
    store.does = failure
    const refusal = await refuse(
      gate({ name: 'api', store, fallback: 'deny', headers: ['x-ratelimit', 'ratelimit'], onError() {} }),
    )
    expect(refusal.status).toBe(503)
    expect(refusal.decision).toMatchObject({ code: 'LIMITER_UNAVAILABLE', source: 'fallback' })
    expect(refusal.headers).toEqual([
      ['Retry-After', '1'],
      ['Cache-Control', 'no-store'],
    ])
    expect(JSON.parse(refusal.body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      status: 503,
      code: 'LIMITER_UNAVAILABLE',
      retryAfter: 1,
    })
  })

  it('is a 413 without limit headers when nobody counted, but no state would admit it', async () => {
    const store = scriptedStore()
    store.does = failure
    const refusal = await refuse(gate({ name: 'api', store, fallback: 'allow', cost: () => 2, onError() {} }))
    expect([refusal.status, refusal.headers]).toEqual([413, [['Cache-Control', 'no-store']]])
  })

  it('has its limit headers when the local store, or the deny cache, has counted', async () => {
    const store = scriptedStore()
    const cached = gate({ name: 'api', store, onError() {} })
    await refuse(cached)
    const again = (await cached.enter({})) as Refusal
    store.does = failure
    const local = await refuse(gate({ name: 'other', store, onError() {} }))
    for (const [refusal, source] of [
      [again, 'deny-cache'],
      [local, 'local'],
    ] as const) {
      expect(refusal.decision.source).toBe(source)
      expect(refusal.headers).toContainEqual(['X-RateLimit-Remaining', '0'])
      expect(refusal.headers).toContainEqual(['Retry-After', '60'])
    }
  })

  it('says the wait in seconds, rounded up', async () => {
    let now = Date.UTC(2030, 0, 1)
    const limited = gate({ clock: () => now })
    await limited.enter({})
    now += 1
    const { decision, headers } = (await limited.enter({})) as Refusal
    expect(decision.retryAfterMs).toBe(59_999)
    expect(headers).toContainEqual(['Retry-After', '60'])
  })

  it('has no Retry-After where no wait helps', () => {
    const { decision, headers } = gate({ cost: () => 2 }).enter({}) as Refusal
    expect(decision).toMatchObject({ code: 'COST_EXCEEDS_LIMIT', retryAfterMs: null })
    expect(headers.map(([name]) => name)).not.toContain('Retry-After')
  })

  it('takes over a sane request id', async () => {
    const { body } = await refuse(gate({ body: 'json' }), { headers: { 'x-request-id': 'abc-1' } })
    expect(JSON.parse(body).requestId).toBe('abc-1')
  })

  it('tells a body of your own its status', async () => {
    const body = ({ code }: Decision, { method }: FakeRequest, status: number) => ({ code, method, status })
    const refusal = await refuse(gate({ body, status: { RATE_LIMIT_EXCEEDED: 503 } }), { method: 'PUT' })
    expect(refusal.status).toBe(503)
    expect(JSON.parse(refusal.body)).toEqual({ code: 'RATE_LIMIT_EXCEEDED', method: 'PUT', status: 503 })
  })

  it('has a coded error for a body that cannot be written', async () => {
    const circular: { self?: object } = {}
    circular.self = circular
    await expect(refuse(gate({ body: () => circular }))).rejects.toThrow(
      expect.objectContaining({ code: 'CALLBACK_FAILED', cause: expect.any(TypeError) }),
    )
  })

  it('has one that says what to write for a body that is none', async () => {
    await expect(refuse(gate({ body: () => undefined as never }))).rejects.toThrow(
      '`body` gave undefined: write a string or an object. [CALLBACK_FAILED]',
    )
  })
})

describe('a pass', () => {
  it('says no limit when nobody counted', async () => {
    const store = scriptedStore()
    store.does = failure
    const down = gate({
      name: 'api',
      store,
      fallback: 'allow',
      headers: ['x-ratelimit', 'ratelimit'],
      onError() {},
    })
    const pass = (await down.enter({})) as Pass
    expect(pass.decision).toMatchObject({ allowed: true, source: 'fallback' })
    expect(pass.headers()).toEqual([])
  })

  it('refunds what the local store has charged', async () => {
    const store = scriptedStore()
    store.does = failure
    const down = gate({ name: 'api', store, refund: 'failed', onError() {} })
    const pass = (await down.enter({})) as Required<Pass>
    await pass.finish({ status: 500, aborted: false })
    expect(await down.enter({})).toMatchObject({ refused: false, decision: { source: 'local', used: 1 } })
  })
})

describe('what a handler is given', () => {
  it('has the fields of a decision, and no others', async () => {
    const one = gate({ limit: 9 })
    const { decision } = (await one.enter({})) as Pass
    const fresh = await one.limiter.peek('one')
    expect(Object.keys({ ...decision }).sort()).toEqual(Object.keys(fresh).sort())
    expect(JSON.parse(JSON.stringify(decision))).toEqual({ ...decision })
  })

  it('settles, and holds and aborts where it may', async () => {
    const one = gate({ limit: 9, cost: () => 4 })
    const { decision } = (await one.enter({})) as Pass
    expect([await decision?.settle(3), await decision?.settle(1)]).toEqual([true, false])
    expect((await one.limiter.peek('one', { cost: 0 })).used).toBe(3)
    const work = Promise.resolve()
    expect(decision?.hold(work)).toBe(work)
    expect(decision?.signal.aborted).toBe(false)
  })

  it('can be taken apart', async () => {
    const { decision } = gate({ limit: 9 }).enter({}) as Pass
    const { settle, meter, hold } = decision as NonNullable<typeof decision>
    const work = Promise.resolve()
    expect([await meter(2), await settle(), hold(work)]).toEqual([true, true, work])
  })

  it('holds for nothing but a promise', () => {
    const { decision } = gate().enter({}) as Pass
    const hold = decision?.hold as (work: unknown) => unknown
    for (const [work, shown] of [
      [async () => {}, 'a function'],
      [undefined, 'undefined'],
    ]) {
      expect(() => hold(work)).toThrow(
        expect.objectContaining({
          code: 'OPTION_INVALID',
          message: expect.stringContaining(`not ${shown}: write \`hold(work())\`.`),
        }),
      )
    }
  })

  it('is all there on a refusal', async () => {
    const { decision } = await refuse(gate())
    expect([await decision.settle(), decision.signal.aborted]).toEqual([false, false])
  })
})

describe('a wait for a slot', () => {
  const policy = concurrency({ limit: 1, lease: '1m', queue: 9, maxWait: '1m' })
  const waiting = (options: GateOptions<FakeRequest> = {}) =>
    createGate<FakeRequest>(reader, { policies: { slots: policy }, key, ...options })

  it('ends with the slot that another request gives back', async () => {
    const one = waiting()
    const first = (await one.enter({})) as Required<Pass>
    const second = one.enter({})
    await first.finish({ status: 200, aborted: false })
    expect(await second).toMatchObject({ refused: false, decision: { allowed: true } })
  })

  it('is over for a client that leaves, without a decision or an error', async () => {
    const decisions: unknown[] = []
    const one = waiting({ onDecision: (decision) => decisions.push(decision) })
    await one.enter({})
    const client = new AbortController()
    const left = one.enter({}, () => client.signal)
    client.abort()
    expect(await left).toMatchObject({ refused: false, decision: undefined })
    expect(decisions).toHaveLength(1)
  })

  it('ends with an error that is not of the client', async () => {
    const one = waiting({ key: () => '' })
    await expect(async () => one.enter({})).rejects.toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
  })

  it.each([
    ['everyone', everyone, 'is a function: call it first, as in `everyone()`.'],
    ['byHeader', createByHeader(reader), "not an object: write `byHeader('x-user-id')`."],
  ])('says of %s that was not called to call it', async (_, key, advice) => {
    const one = gate({ key: key as never })
    await expect(async () => one.enter({})).rejects.toThrow(advice)
  })

  it('is none in the shadow, on any store', async () => {
    const memory = memoryStore()
    const slow = { sync: false, prepare: (plan: Plan) => memory.prepare(plan) } as const
    for (const store of [memoryStore(), slow]) {
      const one = waiting({ shadow: true, store, name: 'tried' })
      for (const allowed of [true, false]) {
        expect(await one.enter({})).toMatchObject({ refused: false, decision: { allowed } })
      }
    }
  })
})

describe('finish', () => {
  const used = async ({ limiter }: Gate<FakeRequest>) => (await limiter.peek('one', { cost: 0 })).used

  it('is there only where something may be given back', async () => {
    expect((gate().enter({}) as Pass).finish).toBeUndefined()
    const refunding = gate({ refund: 'failed' })
    expect((await refunding.enter({})) as Pass).toMatchObject({ finish: expect.any(Function) })
    expect(await refunding.enter({})).not.toHaveProperty('finish')
  })

  it('works once', async () => {
    const one = gate({ limit: 9, refund: 'failed' })
    await one.enter({})
    const { finish } = (await one.enter({})) as Required<Pass>
    for (let i = 0; i < 3; i++) await finish({ status: 500, aborted: false })
    expect(await used(one)).toBe(1)
  })

  it('is done after the first answer, whatever the second', async () => {
    const one = gate({ limit: 9, refund: 'failed' })
    const { finish } = (await one.enter({})) as Required<Pass>
    for (const status of [200, 500]) await finish({ status, aborted: false })
    expect(await used(one)).toBe(1)
  })

  it("does not take another gate's refusal for a failure", async () => {
    const outer = gate({ limit: 9, refund: 'failed' })
    const inner = gate()
    inner.enter({})
    const req = {}
    const { finish } = (await outer.enter(req)) as Required<Pass>
    expect(inner.enter(req)).toMatchObject({ refused: true })
    await finish({ status: 429, aborted: false })
    expect(await used(outer)).toBe(1)
  })

  it.each([
    ['failed', { status: 399, aborted: false }, 1],
    ['failed', { status: 400, aborted: false }, 0],
    ['failed', { status: 500, aborted: true }, 1],
    ['failed', { status: undefined, aborted: true }, 1],
    ['successful', { status: 399, aborted: false }, 0],
    ['successful', { status: 400, aborted: false }, 1],
    ['successful', { status: 200, aborted: true }, 1],
    ['successful', { status: undefined, aborted: true }, 1],
  ] as const)("under '%s' after %j leaves %i charged", async (refund, end, left) => {
    const one = gate({ limit: 9, refund })
    await ((await one.enter({})) as Required<Pass>).finish(end)
    expect(await used(one)).toBe(left)
  })

  it('never rejects, and keeps the charge, when a function of yours throws or rejects', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const fails = [
      () => {
        throw new Error('mine')
      },
      (() => Promise.reject(new Error('mine'))) as unknown as () => boolean,
    ]
    for (const refund of fails) {
      const one = gate({ limit: 9, refund })
      await ((await one.enter({})) as Required<Pass>).finish({ status: 500, aborted: false })
      expect(await used(one)).toBe(1)
    }
    expect(error).toHaveBeenCalledTimes(2)
    error.mockRestore()
  })
})

describe('several gates', () => {
  it('find each other by the request, also when one is of another copy of this package', async () => {
    vi.resetModules()
    const copy = await import('./gate.js')
    expect(copy.createGate).not.toBe(createGate)
    const store = memoryStore()
    const options = { limit: 9, window: '1m', headers: ['ratelimit'], store, key } as const
    const outer = createGate<FakeRequest>(reader, { ...options, name: 'outer' })
    const inner = copy.createGate<FakeRequest>(reader, { ...options, limit: 5, name: 'inner' })
    const req = {}
    const passed = outer.enter(req) as Pass
    inner.enter(req)
    expect(passed.headers()).toContainEqual(['RateLimit', '"outer";r=8;t=60, "inner";r=4;t=60'])
  })
})
