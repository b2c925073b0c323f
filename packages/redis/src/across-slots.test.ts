import {
  type Apply,
  leakyBucket,
  type Mode,
  memoryStore,
  type Op,
  type OpResult,
  type Outcome,
  type Plan,
  penalty,
  quota,
  slidingWindow,
  tokenBucket,
} from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { acrossSlots } from './cluster.js'

const NOW = Date.UTC(2030, 0, 1)

const plan: Plan = {
  name: 'slots',
  policies: [
    { ...slidingWindow({ limit: 3, window: '1m' }), name: 'user' },
    { ...tokenBucket({ limit: 3, window: '1m', chargeRefused: true }), name: 'team' },
    { ...leakyBucket({ limit: 3, window: '1m', queue: 2 }), name: 'paced' },
    { ...slidingWindow({ limit: 5, window: '1m' }), name: 'org' },
    { ...leakyBucket({ limit: 3, window: '1m', queue: 2, chargeRefused: true }), name: 'queue' },
    { ...quota({ limit: 3, period: 'day' }), name: 'day' },
  ],
}

type Part = readonly [policy: number, cost?: number, key?: string | undefined]

/** Ops under policies by their place, each by a key of its own, and so in a slot of its own, unless told. */
function opsOf(...parts: readonly Part[]): Op[] {
  return parts.map(([policy, cost = 1, key = `key of ${policy}`]) => ({
    policy,
    key,
    cost,
    limit: plan.policies[policy]?.limit as number,
    fits: true,
    mark: NOW,
    edges: plan.policies[policy]?.edges?.(NOW),
  }))
}

/** Several servers of which each decides about one slot, and what they were told. */
function servers() {
  const memory = memoryStore().prepare(plan)
  const attempt = { over: false }
  const told: [mode: Mode, policies: number[]][] = []
  /** What happens before a call is carried out. */
  const on = { before: (_mode: Mode, _policy: number): void | Promise<void> => {} }
  /** The clocks of servers that do not go by {@link NOW}, by the policy they decide about. */
  const clocks = new Map<number, number>()

  const apply: Apply = async (ops, mode, now) => {
    expect(new Set(ops.map(({ key }) => key)).size).toBe(1)
    const [{ policy, fits }] = ops as [Op]
    if (fits) told.push([mode, ops.map(({ policy }) => policy)])
    // On its way.
    await undefined
    if (fits) await on.before(mode, policy)
    return memory(ops, mode, now ?? clocks.get(policy) ?? NOW)
  }
  const slots = acrossSlots(plan, apply)

  return {
    on,
    attempt,
    clocks,
    ask: (mode: Mode, ...parts: readonly Part[]) =>
      slots(opsOf(...parts), mode, undefined, attempt) as Promise<Outcome>,
    /** Charged by somebody else. */
    take: (...parts: readonly Part[]) => memory(opsOf(...parts), 'consume', NOW),
    /** Which policies were told so, in order. */
    told: (mode: Mode) => told.filter(([how]) => how === mode).flatMap(([, policies]) => policies),
    used: (key?: string) =>
      plan.policies.map(({ algorithm }, i) => {
        const ops = opsOf([i, 0, key])
        const [{ reply }] = memory(ops, 'peek', NOW).results as [OpResult]
        return algorithm.read(reply, ops[0] as Op, NOW, false).used
      }),
  }
}

describe('a decision over several slots', () => {
  it('of one slot is asked for once', async () => {
    const { ask, told } = servers()
    expect((await ask('consume', [0])).atomic).not.toBe(false)
    expect([told('peek'), told('consume')]).toEqual([[], [0]])
  })

  it('is peeked, and charged when all pass, leakyBucket last', async () => {
    const { ask, told, used } = servers()
    const outcome = await ask('consume', [0], [1], [2], [3])
    expect(outcome).toMatchObject({ passed: true, atomic: false, now: NOW })
    expect(outcome.compensated).toBeUndefined()
    expect(told('peek')).toEqual([0, 1, 2, 3])
    expect(told('consume')).toEqual([0, 1, 3, 2])
    expect(used()).toEqual([1, 1, 1, 1, 0, 0])
  })

  it('is only peeked by a peek', async () => {
    const { ask, told, used } = servers()
    expect(await ask('peek', [0], [3])).toMatchObject({ passed: true, atomic: false })
    expect(told('consume')).toEqual([])
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('charges nothing when one refuses, but what is charged for refusals', async () => {
    const { ask, take, told, used } = servers()
    take([3, 5])
    const outcome = await ask('consume', [0], [1], [2], [3])
    expect(outcome).toMatchObject({ passed: false, atomic: false })
    expect(outcome.compensated).toBeUndefined()
    expect(outcome.results.map(({ passed }) => passed)).toEqual([true, true, true, false])
    expect(told('consume')).toEqual([1])
    expect(used()).toEqual([0, 1, 0, 5, 0, 0])
  })

  it('gives back, once, what it charged when one refuses only then', async () => {
    const { ask, take, told, used, on } = servers()
    on.before = (mode, policy) => {
      if (mode === 'consume' && policy === 3) take([3, 5])
    }
    const outcome = await ask('consume', [0], [1], [2], [3])
    expect(outcome).toMatchObject({ passed: false, atomic: false, compensated: true })
    expect(outcome.results.map(({ passed }) => passed)).toEqual([true, true, true, false])
    // The others are looked at once more: how they stand now. The turn of leakyBucket has not come.
    expect(told('peek')).toEqual([0, 1, 2, 3, 0, 1, 2])
    expect(told('consume')).toEqual([0, 1, 3])
    expect(told('adjust')).toEqual([0])
    expect(used()).toEqual([0, 1, 0, 5, 0, 0])
  })

  it('gives nothing back in the slot that refused, where another policy would have admitted', async () => {
    const { ask, take, used, on } = servers()
    take([0, 1, 'k'])
    on.before = (mode, policy) => {
      if (mode === 'consume' && policy === 0) take([3, 5, 'k'])
    }
    const outcome = await ask('consume', [0, 1, 'k'], [3, 1, 'k'], [1])
    expect(outcome).toMatchObject({ passed: false, compensated: true })
    expect(outcome.results.map(({ passed }) => passed)).toEqual([true, false, true])
    expect(used('k')).toEqual([1, 0, 0, 5, 0, 0])
  })

  it('charges what is charged for refusals, though its turn has not come', async () => {
    const { ask, take, told, used, on } = servers()
    on.before = (mode, policy) => {
      if (mode === 'consume' && policy === 3) take([3, 5])
    }
    expect(await ask('consume', [0], [3], [4])).toMatchObject({ passed: false, compensated: true })
    expect(told('consume')).toEqual([0, 3, 4])
    expect(used()).toEqual([0, 0, 0, 5, 1, 0])
  })

  it('gives back what it charged when leakyBucket refuses only then', async () => {
    const { ask, take, told, used, on } = servers()
    on.before = (mode, policy) => {
      if (mode === 'consume' && policy === 2) take([2, 3])
    }
    expect(await ask('consume', [0], [1], [2])).toMatchObject({ passed: false, compensated: true })
    expect(told('adjust')).toEqual([0])
    expect(used()).toEqual([0, 1, 3, 0, 0, 0])
  })

  it('gives back what it charged when a server is lost meanwhile, and fails', async () => {
    const { ask, told, used, on } = servers()
    on.before = async (mode, policy) => {
      if (mode === 'consume' && policy === 3) throw new Error('lost')
    }
    await expect(ask('consume', [0], [2], [3])).rejects.toThrow('lost')
    expect(told('consume')).toEqual([0, 3])
    expect(told('adjust')).toEqual([0])
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('fails only when all servers have told', async () => {
    const { ask, on } = servers()
    let answer = () => {}
    on.before = (_, policy) => {
      if (policy === 0) throw new Error('lost')
      return new Promise((resolve) => {
        answer = resolve
      })
    }
    let isOver = false
    const asked = ask('consume', [0], [3]).finally(() => {
      isOver = true
    })
    await new Promise(setImmediate)
    expect(isOver).toBe(false)
    answer()
    await expect(asked).rejects.toThrow('lost')
  })

  it('tells the time of each server, and of the latest', async () => {
    const { ask, clocks } = servers()
    clocks.set(0, NOW - 50).set(3, NOW + 20)
    const { now, results } = await ask('consume', [3], [0], [2])
    expect(now).toBe(NOW + 20)
    expect(results.map(({ now }) => now)).toEqual([NOW + 20, NOW - 50, NOW])
  })

  it('keeps the order of its policies, of which some lie in one slot', async () => {
    const { ask, take } = servers()
    take([0, 1, 'k'], [3, 4, 'k'])
    const { results } = await ask('peek', [0, 1, 'k'], [1], [3, 1, 'k'])
    expect(results.map(({ reply }) => reply[0])).toEqual([2, 60_000, 5])
  })

  it('is to be asked again where one clock lies outside its calendar edges: nothing was done', async () => {
    const { ask, clocks, used } = servers()
    clocks.set(5, NOW + 30 * 86_400_000)
    for (const mode of ['consume', 'peek', 'adjust', 'reset'] as const) {
      expect(await ask(mode, [0, 0], [5])).toMatchObject({
        passed: false,
        results: [],
        now: NOW + 30 * 86_400_000,
      })
    }
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('does not give back what was given back in vain', async () => {
    const { ask, told, used, on } = servers()
    on.before = async (mode, policy) => {
      if (mode === 'adjust' || (mode === 'consume' && policy === 3)) throw new Error(`lost to ${mode}`)
    }
    await expect(ask('consume', [0], [3])).rejects.toThrow('lost to consume')
    expect(told('adjust')).toEqual([0])
    expect(used()).toEqual([1, 0, 0, 0, 0, 0])
  })

  it('settles and resets all of them', async () => {
    const { ask, used } = servers()
    await ask('consume', [0], [3])
    expect(await ask('adjust', [0, 2], [3, 1])).toMatchObject({ passed: true, atomic: false })
    expect(used()).toEqual([3, 0, 0, 2, 0, 0])
    await ask('reset', [0], [3])
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('an attempt that is over', () => {
  it('before the charge charges nothing', async () => {
    const { ask, told, used, on, attempt } = servers()
    on.before = (mode) => {
      attempt.over ||= mode === 'peek'
    }
    await expect(ask('consume', [0], [1], [2], [3])).rejects.toThrow('something else has decided')
    expect([told('consume'), told('adjust')]).toEqual([[], []])
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('before what is charged for refusals does not charge that either', async () => {
    const { ask, take, used, on, attempt } = servers()
    take([3, 5])
    on.before = (mode) => {
      attempt.over ||= mode === 'peek'
    }
    await expect(ask('consume', [1], [3])).rejects.toThrow('something else has decided')
    expect(used()).toEqual([0, 0, 0, 5, 0, 0])
  })

  it('before the turn of leakyBucket gives back instead', async () => {
    const { ask, told, used, on, attempt } = servers()
    on.before = (mode) => {
      attempt.over ||= mode === 'consume'
    }
    await expect(ask('consume', [0], [2], [3])).rejects.toThrow('something else has decided')
    expect([told('consume'), told('adjust')]).toEqual([
      [0, 3],
      [0, 3],
    ])
    expect(used()).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('once all is charged leaves it at that, as with one slot', async () => {
    const { ask, used, on, attempt } = servers()
    on.before = (mode) => {
      attempt.over ||= mode === 'consume'
    }
    expect(await ask('consume', [0], [3])).toMatchObject({ passed: true })
    expect(used()).toEqual([1, 0, 0, 1, 0, 0])
  })

  it('still peeks, settles and resets', async () => {
    const { ask, used, attempt } = servers()
    await ask('consume', [0], [3])
    attempt.over = true
    expect(await ask('peek', [0], [3])).toMatchObject({ passed: true })
    await ask('adjust', [0, -1], [3, 1])
    expect(used()).toEqual([0, 0, 0, 2, 0, 0])
  })
})

describe('a penalty beside policies in other slots', () => {
  const policies = [
    { ...penalty(tokenBucket({ limit: 1, window: '1m' }), { first: '5m', max: '5m' }), name: 'pace' },
    { ...slidingWindow({ limit: 1, window: '1h' }), name: 'hour' },
  ]

  function setUp() {
    const memory = memoryStore().prepare({ name: 'punished', policies })
    const clock = { now: NOW, atConsume: 0 }
    const apply: Apply = async (ops, mode, now) => {
      if (mode === 'consume' && (ops[0] as Op).fits) clock.now += clock.atConsume
      return memory(ops, mode, now ?? clock.now)
    }
    const slots = acrossSlots({ name: 'punished', policies }, apply)
    const op = (policy: number): Op => ({ policy, key: `key ${policy}`, cost: 1, limit: 1, fits: true })
    return {
      clock,
      ask: async (mode: Mode = 'consume') => (await slots([op(0), op(1)], mode)).results,
      take: (policy: number) => memory([op(policy)], 'consume', clock.now),
      kept: () => memory([{ ...op(0), cost: 0 }], 'peek', clock.now).results[0]?.reply,
    }
  }

  it('begins for what its own slot refused, and in a peek as if it had', async () => {
    const { ask, take, kept } = setUp()
    take(0)
    const reply = [60_000, NOW, 1, NOW + 300_000, 1]
    expect(await ask('peek')).toMatchObject([{ passed: false, reply }, { passed: true }])
    expect(kept()).toEqual([60_000, NOW, 1, 0, 0])
    expect(await ask()).toMatchObject([{ passed: false, reply }, { passed: true }])
    expect(kept()).toEqual(reply)
  })

  it('does not begin for what another slot refused, and nothing is charged', async () => {
    const { ask, take, kept } = setUp()
    take(1)
    expect(await ask()).toMatchObject([{ passed: true }, { passed: false }])
    expect(kept()).toEqual([0, 0, 0, 0, 0])
  })

  it('neither begins nor is charged where the request would pass by now', async () => {
    const { ask, take, kept, clock } = setUp()
    take(0)
    clock.atConsume = 60_000
    expect(await ask()).toMatchObject([{ passed: false }, { passed: true }])
    expect(kept()?.slice(3)).toEqual([0, 0])
    expect(kept()?.[0]).toBe(0)
  })
})
