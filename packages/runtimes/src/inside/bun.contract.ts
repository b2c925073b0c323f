import { setImmediate } from 'node:timers/promises'
import { adapterContract } from '@spillway/conformance'
import { harness } from '../../../hono/src/testing/harness.js'
import { departure, serverOf } from './server.js'

interface BunServer {
  readonly port: number
  readonly pendingRequests: number
  stop(closeConnections: boolean): unknown
}

declare const Bun: {
  serve(options: {
    port: number
    hostname: string
    fetch(request: Request, server: BunServer): Response | Promise<Response>
  }): BunServer
}

adapterContract(
  harness('Bun', (app) =>
    serverOf((tell) => {
      const bun = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        fetch(request, server) {
          tell(Promise.race([idle(server), departure(request)]))
          return app.fetch(request, server)
        },
      })
      return { port: bun.port, stop: () => bun.stop(true) }
    }),
  ),
)

/** Bun tells of no request that it was answered, but how many have not ended. */
async function idle(server: BunServer): Promise<void> {
  do await setImmediate()
  while (server.pendingRequests > 0)
}
