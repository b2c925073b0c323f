import type { Options } from 'express-rate-limit'
import { type RedisReply, RedisStore } from 'rate-limit-redis'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'rate-limit-redis',
  algorithm: 'fixed window',
  redis: {
    async make({ limit, windowMs }, client) {
      const store = new RedisStore({
        sendCommand: (command, ...args) => client.call(command, ...args) as Promise<RedisReply>,
        prefix: `rl:${windowMs}:`,
      })
      await store.init({ windowMs } as Options)
      return asked(
        (key) => store.increment(key),
        ({ totalHits }) => totalHits <= limit,
      )
    },
  },
} satisfies Subject
