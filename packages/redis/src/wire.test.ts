import { slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { type Call, outcomeOf, planText, request } from './wire.js'

const bucket = tokenBucket({ limit: 1, window: '1s' })
const [one, two] = [
  planText({ name: 'one', policies: [{ ...bucket, name: 'a' }] }),
  planText({
    name: 'two',
    policies: [
      { ...slidingWindow({ limit: 2, window: '1m', shadow: true }), name: 'a' },
      { ...slidingWindow({ limit: 3, window: '1h', chargeRefused: true }), name: 'b' },
    ],
  }),
]

const call = (plan: Call['plan'], keys: readonly string[], own: Partial<Call> = {}): Call => ({
  plan,
  mode: 'consume',
  now: undefined,
  keys,
  ops: keys.map((key, policy) => ({ policy, key, cost: 1, limit: 5, fits: true })),
  ...own,
})

describe('what is asked in one call', () => {
  const asked = (calls: readonly Call[]) => {
    const { keys, args } = request(calls)
    const [policies, told] = args.map((text) => JSON.parse(text))
    return { keys, policies, calls: told }
  }

  it('names each key and each plan once, and says by places which are meant', () => {
    const { keys, policies, calls } = asked([
      call(two, ['k1', 'k2']),
      call(one, ['k3'], { mode: 'peek', now: 7 }),
      call(two, ['k4', 'k2']),
      call(one, ['k3']),
    ])
    expect(keys).toEqual(['k1', 'k2', 'k3', 'k4'])
    expect(policies).toMatchObject([
      { twin: { name: 'log', window: 60_000 }, shadow: true, chargeRefused: false },
      { twin: { name: 'log', window: 3_600_000 }, shadow: false, chargeRefused: true },
      { twin: { name: 'meter', period: 1000 } },
    ])
    expect(policies).toHaveLength(3)
    const places = calls.map(({ ops }: { ops: { policy: number; key: number }[] }) =>
      ops.map(({ policy, key }) => [policy, key]),
    )
    expect(places).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      [[3, 3]],
      [
        [1, 4],
        [2, 2],
      ],
      [[3, 3]],
    ])
    expect(calls[1]).toMatchObject({ mode: 'peek', now: 7, ops: [{ cost: 1, limit: 5, fits: true }] })
    expect(calls[0]).not.toHaveProperty('now')
  })

  it('leaves policies out that take no part', () => {
    const ops = [{ policy: 1, key: 'k', cost: -2, limit: 5, fits: true, mark: 9 }]
    const { calls } = asked([call(one, ['k']), call(two, ['k'], { mode: 'adjust', ops })])
    expect(calls[1].ops).toEqual([{ policy: 3, key: 1, cost: -2, limit: 5, fits: true, mark: 9 }])
  })
})

describe('what is to be made once', () => {
  const { keys, args } = request([
    call(one, ['k'], { mode: 'adjust', once: 'known' }),
    call(one, ['other'], { ops: [{ policy: 0, key: 'k', cost: 1, limit: 5, fits: true, id: 2 ** 52 }] }),
    call(one, ['k'], { mode: 'adjust', once: 'known' }),
  ])
  const calls = JSON.parse(args[1])

  it('has a key of its own, behind those of its ops', () => {
    expect(keys).toEqual(['k', 'known', 'other'])
    expect(calls.map(({ once }: { once?: number }) => once)).toEqual([2, undefined, 2])
    const malformed = () => outcomeOf('MALFORMED', call(one, ['k'], { once: 'known' }))
    expect(malformed).toThrow('under one of "k", "known":')
  })

  it('and whose lease it is, is told', () => {
    expect(calls[1].ops).toMatchObject([{ key: 3, id: 2 ** 52 }])
  })
})

describe('what is answered', () => {
  it('is an outcome, whatever a client makes of integers', () => {
    const outcome = { now: 5, passed: true, results: [{ passed: false, reply: [1, 2] }] }
    expect(outcomeOf([5, 1, [0, 1, 2]], call(one, ['k']))).toEqual(outcome)
    expect(outcomeOf(['5', '1', ['0', '1', '2']], call(one, ['k']))).toEqual(outcome)
    expect(outcomeOf([5, 0], call(one, ['k']))).toEqual({ now: 5, passed: false, results: [] })
  })

  it("is a key's own trouble only where the script says so", () => {
    expect(() => outcomeOf('MALFORMED', call(one, ['one', 'x'.repeat(300)]))).toThrow(
      expect.objectContaining({
        code: 'STATE_MALFORMED',
        message: expect.stringContaining(`under one of "one", "${'x'.repeat(200)}": delete it`),
      }),
    )
  })

  it.each([['malformed'], ['OK'], [null], [undefined], [7], [{ MALFORMED: true }]])(
    'else is the trouble of the store: %j',
    (answer) => {
      const read = () => outcomeOf(answer, call(one, ['k']))
      expect(read).toThrow(`the client answered ${JSON.stringify(answer)}, not a list`)
      expect(read).not.toThrow(expect.objectContaining({ code: expect.anything() }))
    },
  )
})
