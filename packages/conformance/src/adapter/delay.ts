import { leakyBucket } from '@spillway/core'
import { describe, expect, it } from 'vitest'
import type { Harness } from './harness.js'
import { deferred, serve, underClock } from './site.js'

export function delays<R>(harness: Harness<R>): void {
  describe('delayMs', () => {
    it('is waited out before the work starts', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ policy: leakyBucket({ limit: 1, window: '60ms', queue: 2 }) })
      const starts: number[] = []
      const handler = () => {
        starts.push(performance.now())
        return { body: 'ok' }
      }
      const site = await serve(harness, { use: [limit], routes: [{ path: '/paced', handler }] })
      const sent = performance.now()
      const replies = await Promise.all(Array.from({ length: 4 }, () => site.get('/paced')))
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429])
      const [, second = 0, third = 0] = starts
      expect(second - sent).toBeGreaterThanOrEqual(59)
      expect(third - sent).toBeGreaterThanOrEqual(119)
    })

    it('is not waited under shadow', async () => {
      const { limits } = underClock(harness)
      const limit = limits({ policy: leakyBucket({ limit: 1, window: '1d', queue: 9 }), shadow: true })
      const site = await serve(harness, { use: [limit] })
      for (let i = 0; i < 3; i++) expect((await site.get()).status).toBe(200)
    })

    it('ends when the client is gone, and the work never starts', async () => {
      const { limits } = underClock(harness)
      const decided = [deferred(), deferred()]
      let decisions = 0
      const ends: unknown[] = []
      const limit = limits({
        policy: leakyBucket({ limit: 1, window: '1h', queue: 9 }),
        onDecision: () => decided[decisions++]?.resolve(),
        refund: (end) => ends.push(end) < 0,
      })
      let starts = 0
      const handler = () => ({ body: `${++starts}` })
      const site = await serve(harness, { use: [limit], routes: [{ path: '/paced', handler }] })
      await site.get('/paced')
      const waiting = await site.write({ path: '/paced' })
      await decided[1]?.promise
      await waiting.abort()
      await site.idle()
      expect(starts).toBe(1)
      expect(ends).toEqual([
        { status: 200, aborted: false, refused: false },
        { status: undefined, aborted: true, refused: false },
      ])
    })
  })
}
