import { adapterContract } from '@spillway/conformance'
import { harness } from '../../../hono/src/testing/harness.js'
import { departure, serverOf } from './server.js'
import { site, type WorkerContext } from './site.js'

const exempt = {
  'untrusted proxies': 'the edge in front of a Worker always forwards',
}

adapterContract(
  harness(
    'workerd',
    (app) =>
      serverOf((tell) => {
        const closed = Promise.withResolvers<void>()
        site.fetch = async (request, env, context) => {
          stay(context, closed.promise)
          const sent = Promise.withResolvers<void>()
          tell(Promise.race([sent.promise, departure(request)]))
          try {
            return watched(await app.fetch(request, env as object), sent.resolve)
          } catch (error) {
            sent.resolve()
            throw error
          }
        }
        return { port: site.port, stop: closed.resolve }
      }),
    exempt,
  ),
)

/**
 * Keeps what a request has made usable until its test is over. A Worker would forget it with the response, or with the
 * client; and give up a request that only waits for another one, as tests make them.
 */
function stay(context: WorkerContext, closed: Promise<void>): void {
  const timer = setInterval(() => {}, 1000)
  context.waitUntil(closed.then(() => clearInterval(timer)))
}

/** workerd does not tell when a response is sent; its body does. */
function watched(response: Response, sent: () => void): Response {
  const over = () => setTimeout(sent)
  if (response.body === null) {
    over()
    return response
  }
  const { readable, writable } = new TransformStream()
  response.body.pipeTo(writable).then(over, over)
  return new Response(readable, response)
}
