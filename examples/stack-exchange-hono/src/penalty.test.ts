import { getRequestListener } from '@hono/node-server'
import { clockAt, onEachStore, open, patient } from '@spillway/example-kit/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from './app.js'
import {
  ANN,
  invalid,
  KEYED,
  listed,
  MIDNIGHT,
  NOW,
  QUESTIONS,
  START,
  state,
  throttled,
  told,
} from './testing/expected.js'

const WATCHES = '0 of 20 used in a window of 10 seconds; it only watches'
const EXPIRED = `${QUESTIONS}?access_token=ann.reader@1772355600`

onEachStore((newStore, newTogether) => {
  const clock = clockAt(START)
  beforeEach(() => clock.advance(Date.parse(START) - clock()))
  const start = (store = newStore()) =>
    open(getRequestListener(createApp({ store, clock, ...patient }).fetch))

  describe('beyond 30 requests in a second', () => {
    it('the address is refused for 30 seconds, whoever calls from there, and asking does not lengthen it', async () => {
      const store = newTogether()
      const [one, other] = [await start(await store()), await start(await store())]
      expect(await one.times(10, QUESTIONS)).toEqual({ 200: 10 })
      clock.advance(500)
      expect(await one.times(9, KEYED)).toEqual({ 200: 9 })
      expect(await one.ask(EXPIRED)).toEqual(invalid('expired'))
      expect(await other.times(10, ANN)).toEqual({ 200: 10 })
      clock.advance(499)
      for (const site of [one, other]) {
        for (const request of [QUESTIONS, KEYED, ANN, EXPIRED, 'GET /2.0/nothing'])
          expect(await site.ask(request)).toEqual(throttled(30, 30))
      }
      for (const wait of [20, 10]) {
        clock.advance(10_000)
        expect(await one.ask(KEYED)).toEqual(throttled(wait, 30))
      }
      clock.advance(9999)
      expect(await other.ask(KEYED)).toEqual(throttled(1, 30))
      clock.advance(1)
      expect(await other.ask(KEYED)).toEqual(listed(10_000, 9990))
    })

    it('each penalty is twice as long as the last, up to an hour, and the first again after an hour without', async () => {
      const site = await start()
      for (const seconds of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 30]) {
        // Midnight passes meanwhile.
        if (seconds === 30) clock.advance(3600_000)
        expect(await site.times(31, KEYED)).toEqual({ 200: 30, 503: 1 })
        expect(await site.ask(KEYED)).toEqual(throttled(seconds, 30))
        clock.advance(seconds * 1000)
      }
    })
  })

  describe('GET /throttle', () => {
    it('tells how each policy stands to whoever asks, as whom they count, and uses nothing', async () => {
      const site = await start()
      expect(await site.times(16, KEYED)).toEqual({ 200: 16 })
      for (let i = 0; i < 2; i++) {
        expect(await site.ask('GET /throttle?key=key-of-reader')).toEqual(
          told({
            refused_by: null,
            text: 'Nothing refuses.',
            counted_by: 'store',
            counted_as: 'key and address',
            policies: {
              pace: state(30, 16, NOW + 1, '16 of 30 used in a window of 1 second; all is free again in 1 s'),
              daily: state(
                10_000,
                16,
                MIDNIGHT,
                '16 of 10000 used in a window of 1 day; all is free again in 3 hours',
              ),
              questions: state(
                20,
                16,
                NOW + 10,
                '16 of 20 used in a window of 10 seconds; near its limit; all is free again in 10 s; it only watches',
              ),
              answers: state(20, 0, NOW, WATCHES),
            },
            quota_max: 10_000,
            quota_remaining: 9984,
          }),
        )
      }
      const { body } = await site.ask('GET /throttle?access_token=ann.reader')
      expect(body).toMatchObject({ counted_as: 'user and app', policies: { daily: { used: 0 } } })
    })

    it('tells no quota of bad credentials', async () => {
      const { body } = await (await start()).ask('GET /throttle?key=nobody')
      expect(body).toMatchObject({ counted_as: null, policies: { pace: { limit: 30 } } })
      expect(body).not.toHaveProperty('quota_max')
    })

    it('answers while a penalty runs, and says when it ends', async () => {
      const site = await start()
      expect(await site.times(31, QUESTIONS)).toEqual({ 200: 30, 503: 1 })
      clock.advance(12_000)
      const text =
        '0 of 30 used in a window of 1 second; penalty 1 ends in 18 s; the next is admitted in 18 s'
      const day = '30 of 300 used in a window of 1 day; all is free again in 3 hours'
      expect(await site.ask('GET /throttle')).toEqual(
        told({
          refused_by: 'pace',
          text: `"pace" refuses: ${text}.`,
          counted_by: 'store',
          counted_as: 'address',
          policies: {
            pace: state(30, 0, NOW + 30, text, { remaining: 0, refuses: true }),
            daily: state(300, 30, MIDNIGHT, day),
            questions: state(20, 0, NOW + 12, WATCHES),
            answers: state(20, 0, NOW + 12, WATCHES),
          },
          quota_max: 300,
          quota_remaining: 270,
        }),
      )
    })

    it('answers when the day is used up', async () => {
      const site = await start()
      for (let i = 0; i < 10; i++) {
        expect(await site.times(30, QUESTIONS)).toEqual({ 200: 30 })
        clock.advance(10_000)
      }
      const text = '300 of 300 used in a window of 1 day; the next is admitted in 3 hours'
      expect(await site.ask('GET /throttle')).toEqual(
        told({
          refused_by: 'daily',
          text: `"daily" refuses: ${text}.`,
          counted_by: 'store',
          counted_as: 'address',
          policies: {
            pace: state(30, 0, NOW + 100, '0 of 30 used in a window of 1 second'),
            daily: state(300, 300, MIDNIGHT, text, { refuses: true }),
            questions: state(20, 0, NOW + 100, WATCHES),
            answers: state(20, 0, NOW + 100, WATCHES),
          },
          quota_max: 300,
          quota_remaining: 0,
        }),
      )
    })

    it('knows of an expired token that it counts in no pool of the day', async () => {
      const site = await start()
      const left = { text: 'not counted: `when` said no' }
      expect(await site.ask('GET /throttle?access_token=ann.reader@1772355600')).toEqual(
        told({
          refused_by: null,
          text: 'Nothing refuses.',
          counted_by: 'store',
          counted_as: null,
          policies: {
            pace: state(30, 0, NOW, '0 of 30 used in a window of 1 second'),
            daily: left,
            questions: left,
            answers: left,
          },
        }),
      )
    })

    it('answers always, however often it is asked, and throttles nobody', async () => {
      const site = await start()
      expect(await site.times(100, 'GET /throttle')).toEqual({ 200: 100 })
      expect(await site.ask(QUESTIONS)).toEqual(listed(300, 299))
    })
  })
})
