import { json, type Site } from '@spillway/example-kit/testing'
import { describe, expect, it } from 'vitest'
import {
  BODY,
  day,
  HOURS,
  JSON_TYPE,
  NEXT_MIDNIGHT,
  OAUTH,
  PATH,
  refused,
  SERVICE,
  second,
} from './testing/expected.js'
import { onEachSetUp } from './testing/set-up.js'

onEachSetUp(({ clock, newTogether, start }) => {
  describe('the effective spike arrest', () => {
    const spike = (ms: number) => ({
      code: '429',
      message: 'Spike limit exceeded',
      status: 'Request Throttled',
      details: `allows 5 calls per second; the next one in ${ms} ms`,
    })

    it('admits bursts, at most 5 in any second, over all processes', async () => {
      const store = newTogether()
      const [one, other] = [await start({ store: await store() }), await start({ store: await store() })]
      expect(await one.times(3, PATH, SERVICE)).toEqual({ 200: 3 })
      clock.advance(600)
      expect(await other.times(2, PATH, SERVICE)).toEqual({ 200: 2 })
      clock.advance(57)
      const refusal = json(429, { ...refused(1), ...day(30_000, 5), ...second(5) }, spike(343))
      expect(await one.ask(PATH, SERVICE)).toEqual(refusal)
      expect(await other.ask(PATH, SERVICE)).toEqual(refusal)
      clock.advance(343)
      expect(await one.times(4, PATH, SERVICE)).toEqual({ 200: 3, 429: 1 })
    })

    it('refuses just after midnight, when the new day is unused', async () => {
      const site = await start()
      clock.advance(14 * HOURS - 100)
      expect(await site.times(5, PATH, SERVICE)).toEqual({ 200: 5 })
      clock.advance(100)
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(429, { ...refused(1), ...day(30_000, 0, NEXT_MIDNIGHT), ...second(5) }, spike(900)),
      )
    })
  })

  describe('the smooth spike arrest', () => {
    const spike = (ms: number, used: number) =>
      json(
        429,
        { ...refused(1), ...JSON_TYPE, ...day(30_000, used), ...second(used) },
        {
          code: '429',
          message: 'Spike limit exceeded',
          status: 'Request Throttled',
          details: `needs 200 ms between calls; this came ${ms} ms after the previous`,
        },
      )

    it('admits one call each 200 ms, and says how far apart two came', async () => {
      const site = await start({ spike: 'smooth' })
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 1), ...second(1) }, BODY),
      )
      clock.advance(57)
      expect(await site.ask(PATH, SERVICE)).toEqual(spike(57, 1))
      clock.advance(142)
      expect(await site.ask(PATH, SERVICE)).toEqual(spike(199, 1))
      clock.advance(1)
      expect(await site.ask(PATH, SERVICE)).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 2), ...second(2) }, BODY),
      )
      expect(await site.ask(PATH, SERVICE)).toEqual(spike(0, 2))
      expect(await site.times(5, PATH, OAUTH)).toEqual({ 200: 5 })
    })

    it('is each process’s own, while the quotas are counted together', async () => {
      const store = newTogether()
      const startOne = async () => start({ store: await store(), spike: 'smooth' })
      const [one, other] = [await startOne(), await startOne()]
      expect(await one.times(2, PATH, SERVICE)).toEqual({ 200: 1, 429: 1 })
      expect(await other.ask(PATH, SERVICE)).toEqual(
        json(200, { ...JSON_TYPE, ...day(30_000, 2), ...second(2) }, BODY),
      )
      expect(await other.ask(PATH, SERVICE)).toEqual(spike(0, 2))
    })

    it('lets three processes come to 10 calls in a second, and no further', async () => {
      const store = newTogether()
      const sites = [1, 2, 3].map(async () => start({ store: await store(), spike: 'smooth' }))
      const [one, two, three] = (await Promise.all(sites)) as [Site, Site, Site]
      for (let i = 0; i < 3; i++) {
        for (const site of [one, two, three]) expect((await site.ask(PATH, SERVICE)).status).toBe(200)
        clock.advance(200)
      }
      expect((await one.ask(PATH, SERVICE)).status).toBe(200)
      expect(await two.ask(PATH, SERVICE)).toEqual(
        json(
          429,
          { ...refused(1), ...day(30_000, 10), ...second(10) },
          {
            code: '429',
            message: 'Quota Exceeded',
            status: 'Request Throttled',
            details: 'allows 10 calls per second; the next one in 400 ms',
          },
        ),
      )
      // What the quotas refused was a call all the same, as far as this process is concerned.
      expect(await two.ask(PATH, SERVICE)).toEqual(spike(0, 10))
    })
  })
})
