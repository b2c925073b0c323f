// An app of its own, on the packages as built. It makes decisions, tells its parent which source decided whenever that
// changes, and when it is told to closes its client, while two decisions wait. After that it has nothing to do. It listens to no error
// of the client and to no rejection.
import { createLimiter, slidingWindow } from '@spillway/core'
import { redisOptions, redisStore } from '@spillway/redis'
import { Redis } from 'ioredis'

const client = new Redis(Number(process.argv[2]), redisOptions)
const limiter = createLimiter({
  name: 'app',
  store: redisStore({ client }),
  onError: () => {},
  policies: { all: slidingWindow({ limit: 1_000_000, window: '1m' }) },
})

let isOpen = true
process.once('message', () => {
  isOpen = false
  void limiter.consume('one')
  void limiter.consume('two')
  setImmediate(() => {
    client.disconnect()
    process.send('closed')
    process.disconnect()
  })
})

for (let last; isOpen; await new Promise((resolve) => setTimeout(resolve, 5))) {
  const { source } = await limiter.consume('key')
  if (isOpen && source !== last) process.send(source)
  last = source
}
