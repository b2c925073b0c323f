import { asked, type Subject } from '../../subject.js'

/** By the clock of Redis, to the unit: the least that a token bucket takes. */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local level, since = 0, now
local text = redis.call('GET', KEYS[1])
if text then
  level, since = string.match(text, '^(%d+) (%d+)')
  level = math.max(0, level - (now - since) * limit)
end
local allowed = level + window <= limit * window
if allowed then
  level = level + window
  redis.call('SET', KEYS[1], string.format('%.0f %.0f', level, now), 'PX', math.ceil(level / limit))
end
return { allowed and 1 or 0, level }`

export default {
  name: 'hand-written EVALSHA, bucket',
  algorithm: 'token bucket',
  redis: {
    async make({ limit, windowMs }, client) {
      const sha1 = (await client.script('LOAD', SCRIPT)) as string
      return asked(
        async (key) => {
          const answer = await client.evalsha(sha1, 1, `bucket:${windowMs}:${key}`, limit, windowMs)
          const [allowed, level] = answer as [number, number]
          return {
            allowed: allowed === 1,
            remaining: Math.floor(limit - level / windowMs),
            retryAfterMs: allowed === 1 ? 0 : Math.ceil((level + windowMs) / limit - windowMs),
          }
        },
        ({ allowed }) => allowed,
      )
    },
  },
} satisfies Subject
