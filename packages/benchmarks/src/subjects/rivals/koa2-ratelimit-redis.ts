import koa2 from 'koa2-ratelimit'
import { asked, type Subject } from '../../subject.js'

export default {
  name: 'koa2-ratelimit',
  algorithm: 'fixed window, two round trips',
  redis: {
    make({ limit, windowMs }, client) {
      // It has a client of its own, of the package redis.
      const store = new koa2.Stores.Redis({ socket: { host: '127.0.0.1', port: client.options.port } })
      return asked(
        (key) => store.incr(`koa2:${windowMs}:${key}`, { interval: windowMs }, 1),
        ({ counter }) => counter <= limit,
      )
    },
  },
} satisfies Subject
