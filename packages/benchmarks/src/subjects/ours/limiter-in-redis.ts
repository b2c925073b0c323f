import { createLimiter, type Policy } from '@spillway/core'
import { redisOptions, redisStore } from '@spillway/redis'
import { asked, type InRedis, type Limits } from '../../subject.js'

/** A limiter with a policy for each. What Redis does not answer in time shows as refused: nothing else lets anybody in. */
export function inRedis(policy: (limits: Limits) => Policy): InRedis {
  const makeSeveral: InRedis['makeSeveral'] = (limits, client) => {
    const limiter = createLimiter({
      name: 'bench',
      policies: Object.fromEntries(limits.map((each, i) => [`policy-${i}`, policy(each)])),
      store: redisStore({ client }),
      deadline: '10s',
      fallback: 'deny',
    })
    return asked(
      (key) => limiter.consume(key),
      ({ allowed }) => allowed,
    )
  }
  return { options: redisOptions, make: (limits, client) => makeSeveral([limits], client), makeSeveral }
}
