import { adapterContract } from '@spillway/conformance'
import { harness } from '../../../hono/src/testing/harness.js'
import { departure, serverOf } from './server.js'

declare const Deno: {
  serve(
    options: { port: number; hostname: string; signal: AbortSignal; onListen(): void },
    handler: (request: Request, info: { completed: Promise<void> }) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number } }
}

adapterContract(
  harness('Deno', (app) =>
    serverOf((tell) => {
      const stopping = new AbortController()
      const options = { port: 0, hostname: '127.0.0.1', signal: stopping.signal, onListen() {} }
      const { addr } = Deno.serve(options, (request, info) => {
        tell(Promise.race([info.completed, departure(request)]))
        return app.fetch(request, info)
      })
      return { port: addr.port, stop: () => stopping.abort() }
    }),
  ),
)
