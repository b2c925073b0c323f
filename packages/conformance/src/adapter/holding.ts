import { concurrency, memoryStore, type SyncStore, slidingWindow } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import { type Harness, itUnless, type Middleware } from './harness.js'
import { deferred, serve, slow, underClock } from './site.js'

/** What keeps a slot, and what lets it go. */
export function holding<R>(harness: Harness<R>): void {
  const held = async ({ limiter }: Middleware<R>) =>
    (await limiter.peek('127.0.0.1', { cost: 0 })).policies['slots']?.used
  const one = { policies: { slots: concurrency({ limit: 1, lease: '9s' }) } } as const

  describe('a slot', () => {
    it.each([
      ['an answer', 'GET', '/'],
      ['a stream', 'GET', '/stream'],
      ['a failure', 'GET', '/fails'],
      ['a thrown error', 'GET', '/throws'],
      ['a 404', 'GET', '/nowhere'],
      ['HEAD', 'HEAD', '/'],
      ['HEAD of a stream', 'HEAD', '/stream'],
    ])('is free again after %s', async (_, method, path) => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const site = await serve(harness, { use: [limit, limit] })
      for (let i = 0; i < 3; i++) {
        expect((await site.request(method, path)).status).not.toBe(429)
        await site.idle()
        expect(await held(limit)).toBe(0)
      }
    })

    it.each(Object.keys(harness.ways))('is free again after %s', async (way) => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const site = await serve(harness, { use: [limit], routes: [{ path: '/way', handler: way }] })
      for (let i = 0; i < 2; i++) {
        expect((await site.get('/way')).status).toBe(200)
        await site.idle()
      }
      expect(await held(limit)).toBe(0)
    })

    it('is free again where the limiter itself throws later on', async () => {
      const { limits } = underClock(harness)
      const dialect = () => {
        throw new Error('mine')
      }
      const limit = limits({ ...one, headers: [dialect] })
      const site = await serve(harness, { use: [limit] })
      expect((await site.get()).status).toBe(500)
      await site.idle()
      expect(await held(limit)).toBe(0)
    })

    it('is held while the handler works and while its answer is sent', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const [began, answer, more] = [deferred(), deferred(), deferred()]
      async function* body() {
        yield 'first'
        await more.promise
        yield 'second'
      }
      async function handler() {
        began.resolve()
        await answer.promise
        return { body: body() }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const connection = await site.write({ path: '/slow' })
      await began.promise
      expect((await site.get()).status).toBe(429)
      answer.resolve()
      while (!(await connection.next()).includes('first'));
      expect((await site.get()).status).toBe(429)
      more.resolve()
      await connection.all()
      await site.idle()
      expect((await site.get()).status).toBe(200)
    })

    it('is held beyond the response by the work that was handed to hold', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const works = [deferred(), deferred()]
      const handler = (req: R) => {
        for (const { promise } of works) expect(harness.seen(req)?.hold(promise)).toBe(promise)
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/later', handler }] })
      expect((await site.get('/later')).text).toBe('ok')
      for (const { resolve } of works) {
        await site.idle()
        expect(await held(limit)).toBe(1)
        resolve()
      }
      await site.idle()
      expect(await held(limit)).toBe(0)
    })

    it('is free when held work fails, and by nobody is the failure heard twice', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const handler = async (req: R) => {
        const failure = await harness
          .seen(req)
          ?.hold(Promise.reject(new Error('mine')))
          .catch(String)
        return { body: `${failure}` }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/fails-later', handler }] })
      expect((await site.get('/fails-later')).text).toBe('Error: mine')
      await site.idle()
      expect(await held(limit)).toBe(0)
    })

    it('of an outer limiter is held too, through what the inner one gives the handler', async () => {
      const { limits } = underClock(harness)
      const outer = limits({ ...one, name: 'outer' })
      const inner = limits({ limit: 9, window: '1m', name: 'inner' })
      const work = deferred()
      const handler = (req: R) => {
        harness.seen(req)?.hold(work.promise)
        return { body: 'ok' }
      }
      const site = await serve(harness, {
        use: [outer],
        routes: [{ path: '/later', limits: [inner], handler }],
      })
      await site.get('/later')
      await site.idle()
      expect(await held(outer)).toBe(1)
      work.resolve()
      await site.idle()
      expect(await held(outer)).toBe(0)
    })

    it('in the shadow refuses nobody, and is free in the end all the same', async () => {
      const { limits } = underClock(harness)
      const shadow = limits({ ...one, shadow: true })
      const { began, end, handler } = slow()
      const site = await serve(harness, { use: [shadow], routes: [{ path: '/slow', handler }] })
      const first = site.get('/slow')
      await began.promise
      expect((await site.get()).status).toBe(200)
      expect(await held(shadow)).toBe(1)
      end.resolve()
      await first
      await site.idle()
      expect(await held(shadow)).toBe(0)
    })
  })

  describe('a lease', () => {
    const THIRD = 100
    const short = concurrency({ limit: 1, lease: `${3 * THIRD}ms` })

    /** A store that tells of renewals. */
    function renewals() {
      const memory = memoryStore()
      let told = deferred<boolean>()
      const store: SyncStore = {
        sync: true,
        prepare(plan) {
          const apply = memory.prepare(plan)
          return (ops, mode, now) => {
            const outcome = apply(ops, mode, now)
            if (mode === 'renew') {
              told.resolve(outcome.passed)
              told = deferred()
            }
            return outcome
          }
        },
      }
      return { store, next: () => told.promise }
    }

    it('is renewed while the response is open, and while work is held', async () => {
      const { store, next } = renewals()
      const { limits, clock } = underClock(harness, { store, name: 'renewed' })
      const limit = limits({ policies: { slots: short } })
      const { began, end, handler } = slow()
      const work = deferred()
      const site = await serve(harness, {
        use: [limit],
        routes: [
          {
            path: '/slow',
            handler(req) {
              harness.seen(req)?.hold(work.promise)
              return handler()
            },
          },
        ],
      })
      const reply = site.get('/slow')
      await began.promise
      for (let i = 0; i < 3; i++) {
        clock.advance(2 * THIRD)
        expect(await next()).toBe(true)
      }
      end.resolve()
      await reply
      await site.idle()
      for (let i = 0; i < 3; i++) {
        clock.advance(2 * THIRD)
        expect(await next()).toBe(true)
      }
      expect(await held(limit)).toBe(1)
      work.resolve()
      await site.turn()
      expect(await held(limit)).toBe(0)
    })

    itUnless(harness.exempt.downstream)('is renewed for a handler whose client has left', async () => {
      const { store, next } = renewals()
      const { limits, clock } = underClock(harness, { store, name: 'left' })
      const limit = limits({ policies: { slots: short } })
      const { began, end, handler } = slow()
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const connection = await site.write({ path: '/slow' })
      await began.promise
      await connection.abort()
      for (let i = 0; i < 4; i++) {
        clock.advance(2 * THIRD)
        expect(await next()).toBe(true)
      }
      expect((await site.get()).status).toBe(429)
      end.resolve()
      await site.turn()
      expect(await held(limit)).toBe(0)
    })

    it('that is lost stops the work by its signal', async () => {
      const { limits } = underClock(harness)
      const limit = limits({
        policies: { slots: short, minute: slidingWindow({ limit: 9, window: '1m' }) },
      })
      const reasons: unknown[] = []
      const began = deferred()
      const handler = async (req: R) => {
        const { signal } = harness.seen(req) as { signal: AbortSignal }
        began.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        reasons.push(signal.reason)
        return { body: 'stopped' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/slow', handler }] })
      const reply = site.get('/slow')
      await began.promise
      await limit.limiter.reset({ slots: '127.0.0.1' })
      expect((await reply).text).toBe('stopped')
      expect(reasons).toEqual([expect.objectContaining({ name: 'SpillwayError', code: 'LEASE_LOST' })])
    })
  })

  describe('a connection that is taken over', () => {
    itUnless(harness.exempt.upgrades)('holds its slot until it is closed', async () => {
      const { limits } = underClock(harness)
      const limit = limits(one)
      const handler = async (req: R) => {
        const socket = harness.connection?.(req)
        socket?.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
        await new Promise((resolve) => socket?.on('close', resolve))
        return {}
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/echo', handler }] })
      const connection = await site.write({
        path: '/echo',
        headers: { Connection: 'Upgrade', Upgrade: 'echo' },
      })
      expect(await connection.next()).toMatch(/^HTTP\/1\.1 101 /)
      expect((await site.get()).status).toBe(429)
      await connection.abort()
      await site.idle()
      expect(await held(limit)).toBe(0)
      expect((await site.get()).status).toBe(200)
    })
  })
}
