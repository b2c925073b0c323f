import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'

/** A server of a runtime's own that has been started. */
export interface Running {
  readonly port: number
  stop(): unknown
}

/** Tells that a request has come, which is over when the promise settles. */
export type Tell = (over: Promise<unknown>) => void

/** What the contract sees of a `node:http` server, for a server of a runtime's own. */
export function serverOf(start: (tell: Tell) => Running): Server {
  const server = new EventEmitter()
  const { port, stop } = start((over) => {
    // A connection, too, is over with its request: those that clients leave have but one.
    const response = new EventEmitter()
    server.emit('connection', response)
    server.emit('request', undefined, response)
    const close = () => response.emit('close')
    over.then(close, close)
  })
  return Object.assign(server, {
    listening: true,
    address: () => ({ port }),
    close: stop,
    closeAllConnections() {},
  }) as unknown as Server
}

/** Resolves when the client has left. */
export function departure({ signal }: Request): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', resolve))
}
