import { concurrency, slidingWindow, tokenBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness, Middleware, Options } from './harness.js'
import { deferred, serve, underClock } from './site.js'

/** Handlers that say what their request has cost, and that see their client leave. */
export function settling<R>(harness: Harness<R>): void {
  const { everyone } = harness.extractors
  const policies = {
    requests: { policy: slidingWindow({ limit: 9, window: '1m' }), cost: 1 },
    tokens: { policy: tokenBucket({ limit: 1000, window: '1d', unit: 'tokens' }), cost: 800 },
    slots: concurrency({ limit: 2, lease: '9s' }),
  }

  async function used({ limiter }: Middleware<R>) {
    const { policies } = await limiter.peek('everyone', { cost: 0 })
    return ['requests', 'tokens', 'slots'].map((name) => policies[name]?.used)
  }

  /** What is charged during the handler, and after it, where it settles. */
  async function settled(
    settle: (limit: ReturnType<Harness<R>['seen']>) => Promise<unknown>,
    { status = 200, ...options }: Partial<Options<R>> & { status?: number } = {},
  ) {
    const { limits } = underClock(harness, { key: everyone() })
    const limit = limits({ policies, ...options } as Options<R>)
    const seen: unknown[] = []
    const handler = async (req: R) => {
      seen.push(await settle(harness.seen(req)), await used(limit))
      return { status, body: 'ok' }
    }
    const site = await serve(harness, { use: [limit], routes: [{ path: '/work', handler }] })
    await site.get('/work')
    await site.idle()
    return [...seen, await used(limit)]
  }

  describe('settle', () => {
    it('gives back what was too much, by policy, and keeps the slot', async () => {
      expect(await settled((limit) => limit?.settle({ tokens: 640 }) as Promise<boolean>)).toEqual([
        true,
        [1, 640, 1],
        [1, 640, 0],
      ])
    })

    it('charges what was too little, beyond the limit too', async () => {
      const results = await settled((limit) => limit?.settle({ tokens: 1500 }) as Promise<boolean>)
      expect(results).toEqual([true, [1, 1500, 1], [1, 1500, 0]])
    })

    it('works once', async () => {
      const twice = async (limit: ReturnType<Harness<R>['seen']>) => [
        await limit?.settle({ tokens: 640 }),
        await limit?.settle({ tokens: 10 }),
      ]
      expect(await settled(twice)).toEqual([
        [true, false],
        [1, 640, 1],
        [1, 640, 0],
      ])
    })

    it.each([
      ['failed', 500],
      ['successful', 200],
      ['a function', 200],
    ] as const)('goes before refund: %s', async (refund, status) => {
      const options = { status, refund: refund === 'a function' ? () => true : refund }
      const results = await settled((limit) => limit?.settle({ tokens: 640 }) as Promise<boolean>, options)
      expect(results).toEqual([true, [1, 640, 1], [1, 640, 0]])
      expect(await settled(async () => 'not at all', options)).toEqual(['not at all', [1, 800, 1], [0, 0, 0]])
    })

    it('of what no policy has is an error of the caller, and settles nothing', async () => {
      const wrong = async (limit: ReturnType<Harness<R>['seen']>) =>
        limit?.settle({ tokens: 0.5 }).catch(({ code }) => code)
      expect(await settled(wrong)).toEqual(['COST_INVALID', [1, 800, 1], [1, 800, 0]])
    })

    it('may come after the response', async () => {
      const { limits } = underClock(harness, { key: everyone() })
      const limit = limits({ policies } as Options<R>)
      let settle: (() => Promise<boolean> | undefined) | undefined
      const handler = (req: R) => {
        const own = harness.seen(req)
        settle = () => own?.settle({ tokens: 640 })
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/work', handler }] })
      await site.get('/work')
      await site.idle()
      expect(await used(limit)).toEqual([1, 800, 0])
      expect(await settle?.()).toBe(true)
      expect(await used(limit)).toEqual([1, 640, 0])
    })

    it('comes to what was metered, which stops at the budget', async () => {
      const metered = async (limit: ReturnType<Harness<R>['seen']>) => [
        await limit?.meter({ tokens: 900 }),
        await limit?.meter({ tokens: 200 }),
        await limit?.settle(),
      ]
      expect(await settled(metered)).toEqual([
        [true, false, true],
        [1, 900, 1],
        [1, 900, 0],
      ])
    })

    it('is of no use where the shadow let a refused request pass', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ limit: 1, window: '1m', shadow: true })
      const answers: unknown[] = []
      const handler = async (req: R) => {
        answers.push(await harness.seen(req)?.settle(0))
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/work', handler }] })
      await site.get()
      await site.get('/work')
      expect(answers).toEqual([false])
    })
  })

  describe('meter', () => {
    const metered = (...units: number[]) => {
      return async (limit: ReturnType<Harness<R>['seen']>) => {
        const answers = []
        for (const tokens of units) answers.push(await limit?.meter({ tokens }))
        return answers
      }
    }

    it('uses the estimate up, then charges, and stops where there is no room', async () => {
      expect(await settled(metered(500, 300))).toEqual([
        [true, true],
        [1, 800, 1],
        [1, 800, 0],
      ])
      expect(await settled(metered(500, 450, 100))).toEqual([
        [true, true, false],
        [1, 950, 1],
        [1, 950, 0],
      ])
    })

    it('finishes beyond the limit where it is told to', async () => {
      const finish = async (limit: ReturnType<Harness<R>['seen']>) =>
        limit?.meter({ tokens: 1200 }, { atLimit: 'finish' })
      const [answer, during] = await settled(finish)
      expect([answer, during]).toEqual([false, [1, 1200, 1]])
    })

    it('is what settle comes to, and what a refund gives back', async () => {
      const settle = async (limit: ReturnType<Harness<R>['seen']>) => {
        await metered(100, 50)(limit)
        return limit?.settle()
      }
      expect(await settled(settle)).toEqual([true, [1, 150, 1], [1, 150, 0]])
      const refunded = await settled(metered(950), { status: 500, refund: 'failed' })
      expect(refunded).toEqual([[true], [1, 950, 1], [0, 0, 0]])
    })
  })

  describe('signal', () => {
    it('aborts when the client has left', async () => {
      for (const options of [
        { limit: 9, window: '1m' },
        { policy: concurrency({ limit: 1, lease: '9s' }) },
      ] as Options<R>[]) {
        const { limits } = underClock(harness)
        const limit = limits(options)
        const [began, aborted] = [deferred(), deferred()]
        async function handler(req: R) {
          const { signal } = harness.seen(req) as { signal: AbortSignal }
          signal.addEventListener('abort', () => aborted.resolve())
          expect(signal.aborted).toBe(false)
          began.resolve()
          await aborted.promise
          return { body: 'late' }
        }
        const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
        const connection = await site.write({ path: '/slow' })
        await began.promise
        await connection.abort()
        await aborted.promise
        await site.idle()
      }
    })

    it('does not abort when the answer is complete, and is one for all limiters of a request', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ policy: concurrency({ limit: 1, lease: '9s' }), name: 'outer' })
      const inner = limits({ limit: 9, window: '1m', name: 'inner' })
      const signals: (AbortSignal | undefined)[] = []
      const handler = (req: R) => {
        const decision = outer.decision(req) as unknown as { signal: AbortSignal }
        signals.push(harness.seen(req)?.signal, decision.signal)
        return { body: 'ok' }
      }
      const site = await serve(harness, {
        use: [outer],
        routes: [{ path: '/signals', limits: [inner], handler }],
      })
      await site.get('/signals')
      await site.idle()
      expect(signals[0]).toBe(signals[1])
      expect(signals[0]?.aborted).toBe(false)
    })
  })
}
