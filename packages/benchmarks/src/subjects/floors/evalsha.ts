import { asked, type Subject } from '../../subject.js'

const SCRIPT = `
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { hits, redis.call('PTTL', KEYS[1]) }`

export default {
  name: 'hand-written EVALSHA',
  algorithm: 'fixed window',
  redis: {
    async make({ limit, windowMs }, client) {
      const sha1 = (await client.script('LOAD', SCRIPT)) as string
      return asked(
        async (key) => {
          const answer = await client.evalsha(sha1, 1, `evalsha:${windowMs}:${key}`, windowMs)
          const [hits, ttl] = answer as [number, number]
          return {
            allowed: hits <= limit,
            remaining: Math.max(0, limit - hits),
            retryAfterMs: hits <= limit ? 0 : ttl,
          }
        },
        ({ allowed }) => allowed,
      )
    },
  },
} satisfies Subject
