import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { limitHeaders, NOW, serve, underClock } from './site.js'

/** However an answer comes about, it has the headers. */
export function responses<R>(harness: Harness<R>): void {
  const LIMIT = {
    'x-ratelimit-limit': '9',
    'x-ratelimit-remaining': '8',
    'x-ratelimit-reset': `${NOW / 1000 + 60}`,
    'x-ratelimit-window': '60',
  }

  describe('responses', () => {
    it.each([
      ['a text', '/', 200],
      ['a stream', '/stream', 200],
      ['a failure', '/fails', 500],
      ['a thrown error', '/throws', 500],
      ['a 404', '/nowhere', 404],
    ])('have the headers on %s', async (_, path, status) => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 9, window: '1m' })] })
      const reply = await site.get(path)
      expect(reply.status).toBe(status)
      expect(limitHeaders(reply)).toEqual(LIMIT)
      if (status === 200) expect(reply.text).toBe('ok')
    })

    it.each(Object.keys(harness.ways))('have the headers on %s', async (way) => {
      for (const refund of [undefined, 'failed', () => false] as const) {
        const { limits } = underClock(harness)
        const limit = limits({ limit: 9, window: '1m', ...(refund && { refund }) })
        for (const where of [{ use: [limit] }, { limits: [limit] }]) {
          const site = await serve(harness, { ...where, routes: [{ path: '/way', handler: way, ...where }] })
          const reply = await site.get('/way')
          expect(reply.status).toBe(200)
          expect(reply.text).toContain('ok')
          expect(limitHeaders(reply)).toMatchObject({ 'x-ratelimit-limit': '9' })
          await site.idle()
        }
      }
    })

    it("have the headers where the app's own error handler answers", async () => {
      const { limits } = underClock(harness)
      const errors: unknown[] = []
      const site = await serve(harness, {
        use: [limits({ limit: 9, window: '1m' })],
        onError: (error) => errors.push(error),
      })
      const reply = await site.get('/throws')
      expect(reply.status).toBe(500)
      expect(limitHeaders(reply)).toEqual(LIMIT)
      expect(errors).toEqual([expect.objectContaining({ message: 'boom' })])
    })

    it('have the newest headers on an error that is thrown again and again', async () => {
      const { limits } = underClock(harness)
      const same = Object.assign(new Error('same'), { status: 503, headers: { 'x-mine': 'yes' } })
      const handler = () => Promise.reject(same)
      const site = await serve(harness, {
        use: [limits({ limit: 3, window: '1m' })],
        routes: [{ path: '/same', handler }],
      })
      const left = []
      for (let i = 0; i < 3; i++) left.push((await site.get('/same')).headers['x-ratelimit-remaining'])
      expect(left).toEqual(['2', '1', '0'])
      expect((await site.get('/same')).status).toBe(429)
    })

    it('have the headers, and no body, on HEAD', async () => {
      const { limits } = underClock(harness)
      const site = await serve(harness, { use: [limits({ limit: 2, window: '1m' })] })
      const head = await site.request('HEAD', '/')
      expect(head.status).toBe(200)
      expect(head.text).toBe('')
      expect(head.headers['x-ratelimit-remaining']).toBe('1')
      expect((await site.get()).headers['x-ratelimit-remaining']).toBe('0')

      const refused = await (await site.write({ path: '/', method: 'HEAD' })).all()
      expect(refused).toMatch(/^HTTP\/1\.1 429 /)
      expect(refused).toMatch(/^content-type: application\/problem\+json/im)
      expect(refused).toMatch(/^retry-after: 60\r$/im)
      expect(refused.split('\r\n\r\n')[1]).toBe('')
    })

    it("keep a handler's own headers", async () => {
      const { limits } = underClock(harness)
      const headers = { 'Cache-Control': 'max-age=60', 'X-Mine': 'yes' }
      const handler = () => ({ headers, body: 'ok' })
      const site = await serve(harness, {
        use: [limits({ limit: 9, window: '1m' })],
        routes: [{ path: '/mine', handler }],
      })
      const reply = await site.get('/mine')
      expect(reply.headers).toMatchObject({ 'cache-control': 'max-age=60', 'x-mine': 'yes', ...LIMIT })
    })

    it('stream piece by piece', async () => {
      const { limits } = underClock(harness)
      let go = () => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      async function* pieces() {
        yield 'first'
        await gate
        yield 'second'
      }
      const site = await serve(harness, {
        use: [limits({ limit: 9, window: '1m', refund: () => true })],
        routes: [{ path: '/pieces', handler: () => ({ body: pieces() }) }],
      })
      const connection = await site.write({ path: '/pieces' })
      let text = ''
      while (!text.includes('first')) text += await connection.next()
      expect(text).not.toContain('second')
      go()
      expect(await connection.all()).toContain('second')
    })
  })
}
