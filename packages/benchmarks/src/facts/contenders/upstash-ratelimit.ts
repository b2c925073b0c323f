import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { type Answer, type Contender, type Make, wholeSeconds } from '../contender.js'

const by = (algorithm: 'slidingWindow' | 'fixedWindow'): Make => ({
  clock: 'process',
  keeps: 'redis',
  async make(limits, stage, more) {
    // Answers that are not in base64: that is all that Upstash adds to them.
    const redis = new Redis({ url: await stage.upstashUrl(), token: 'any', responseEncoding: false })
    const refused = new Map<string, number>()
    const limiters = limits.map(({ name, limit, windowMs }) => {
      const limiter = Ratelimit[algorithm](limit, `${windowMs} ms`)
      return new Ratelimit({ redis, limiter, prefix: name, ephemeralCache: refused, ...more })
    })

    async function ask(key: string): Promise<Answer> {
      for (const limiter of limiters) {
        const result = await limiter.limit(key)
        const said = { result: JSON.stringify(result) }
        if (!result.success) return { allowed: false, waitMs: wholeSeconds(result.reset - Date.now()), said }
      }
      return { allowed: true, said: {} }
    }
    return { ask, keys: () => refused.size }
  },
})

export const upstashRatelimit: Contender = {
  name: '@upstash/ratelimit',
  packages: ['@upstash/ratelimit'],
  code: '/node_modules/@upstash/ratelimit/',
  makes: { sliding: by('slidingWindow'), fixed: by('fixedWindow') },
  several: 'one after the other',
  byAddress: false,
}
