import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RateLimiterUnion,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible'
import { type Answer, type Ask, type Contender, type Limit, type Make, wholeSeconds } from '../contender.js'

type Limiter = RateLimiterMemory | RateLimiterRedis | RLWrapperTimeouts

const optionsOf = ({ name, limit, windowMs }: Limit) => {
  return { keyPrefix: name, points: limit, duration: windowMs / 1_000 }
}

function asking(limiters: readonly Limiter[]): Ask {
  const [first] = limiters as readonly [Limiter]
  const limiter = limiters.length === 1 ? first : new RateLimiterUnion(...limiters)
  return (key) =>
    Promise.resolve(limiter.consume(key)).then((): Answer => ({ allowed: true, said: {} }), refusal)
}

/** A refusal is a rejection: with a result, or of a union with those of the limiters that refused. */
function refusal(reason: RateLimiterRes | Record<string, RateLimiterRes> | Error): Answer {
  if (reason instanceof Error) throw reason
  const results = reason instanceof RateLimiterRes ? [reason] : Object.values(reason)
  const waitMs = wholeSeconds(Math.max(...results.map(({ msBeforeNext }) => msBeforeNext)))
  return { allowed: false, waitMs, said: { rejection: JSON.stringify(reason) } }
}

const inRedis = (around: (limiter: RateLimiterRedis, limit: Limit) => Limiter): Make => ({
  clock: 'redis',
  keeps: 'redis',
  async make(limits, stage, more) {
    const storeClient = await stage.redis()
    const limiterOf = (limit: Limit) => new RateLimiterRedis({ ...optionsOf(limit), storeClient, ...more })
    return { ask: asking(limits.map((limit) => around(limiterOf(limit), limit))) }
  },
})

const plain = inRedis((limiter) => limiter)

export const rateLimiterFlexible: Contender = {
  name: 'rate-limiter-flexible',
  packages: ['rate-limiter-flexible'],
  code: '/node_modules/rate-limiter-flexible/',
  makes: {
    memory: {
      clock: 'process',
      keeps: 'memory',
      async make(limits, _stage, more) {
        const limiters = limits.map((limit) => new RateLimiterMemory({ ...optionsOf(limit), ...more }))
        const keys = () => limiters.reduce((sum, limiter) => sum + limiter.dump().storage.length, 0)
        return { ask: asking(limiters), keys }
      },
    },
    Redis: plain,
  },
  frozen: {
    Redis: plain,
    '`RLWrapperTimeouts` of 50 ms': inRedis(
      (limiter, limit) =>
        new RLWrapperTimeouts({
          limiter,
          timeoutMs: 50,
          insuranceLimiter: new RateLimiterMemory(optionsOf(limit)),
        }),
    ),
  },
  several: 'a union',
  byAddress: false,
}
