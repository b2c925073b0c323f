import type { Http, Rate, Subject } from '../../subject.js'
import { headersByHand, type Standing } from './by-hand.js'

/** Counts what it has let in, only so that no two answers are the same. */
function counting({ limit, windowMs }: Rate): () => Standing {
  let used = 0
  return () => ({ limit, remaining: Math.max(0, limit - ++used), resetMs: windowMs })
}

const http: Http = {
  async express(rate) {
    const next = counting(rate)
    return (_req, res, proceed) => {
      headersByHand.express(res, next(), rate.windowMs)
      proceed()
    }
  },
  async koa(rate) {
    const next = counting(rate)
    return (ctx, proceed) => {
      headersByHand.koa(ctx, next(), rate.windowMs)
      return proceed()
    }
  },
  async hono(rate) {
    const next = counting(rate)
    return (c, proceed) => {
      headersByHand.hono(c, next(), rate.windowMs)
      return proceed()
    }
  },
}

export default { name: 'headers by hand', algorithm: 'none', http } satisfies Subject
