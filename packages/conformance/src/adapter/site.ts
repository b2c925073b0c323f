import { EventEmitter, once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Answer, App, Harness, Middleware, Options, Route } from './harness.js'

export interface Reply {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** A running app, over real sockets. */
export interface Site {
  get(path?: string, headers?: Record<string, string>): Promise<Reply>
  request(method: string, path: string, headers?: Record<string, string>): Promise<Reply>
  /** Opens a connection and writes all requests into it at once; the last one asks to close it. */
  write(...requests: readonly Sent[]): Promise<Connection>
  /** Resolves when every response is over, and what follows from that has happened. */
  idle(): Promise<void>
  /** Resolves when what follows from what has just happened has happened. */
  turn(): Promise<void>
}

interface Sent {
  readonly path: string
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Connection {
  /** Resolves to the next bytes that arrive. */
  next(): Promise<string>
  /** All that is sent until the server closes the connection. */
  all(): Promise<string>
  /** Drops the connection; resolves when the server has noticed. */
  abort(): Promise<void>
}

/** Routes that most tests need; those of the app come before them. */
const ROUTES: readonly Route<unknown>[] = [
  { path: '/', handler: () => ({ body: 'ok' }) },
  { path: '/', method: 'post', handler: () => ({ body: 'ok' }) },
  { path: '/other', handler: () => ({ body: 'ok' }) },
  { path: '/fails', handler: () => ({ status: 500, body: 'failed' }) },
  { path: '/denies', handler: () => ({ status: 403, body: 'denied' }) },
  { path: '/throws', handler: boom },
  { path: '/stream', handler: () => ({ body: words() }) },
]

function boom(): never {
  throw new Error('boom')
}

async function* words(): AsyncGenerator<string> {
  yield 'o'
  yield 'k'
}

/** Turns of the event loop in which what follows from an event happens; some runtimes need several. */
async function turn(): Promise<void> {
  for (let i = 0; i < 5; i++) await setImmediate()
}

/** Starts the app for the length of this test. */
export async function serve<R>(harness: Harness<R>, app: App<R>): Promise<Site> {
  const server = harness.listen({ ...app, routes: [...(app.routes ?? []), ...ROUTES] })
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  if (!server.listening) await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const nextClose = closes(server)
  const idle = responses(server)

  async function request(method: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
    const url = `http://127.0.0.1:${port}${path}`
    const response = await fetch(url, { method, headers, redirect: 'manual' })
    const { status } = response
    return { status, headers: Object.fromEntries(response.headers), text: await response.text() }
  }

  return {
    request,
    get: (path = '/', headers) => request('GET', path, headers),
    idle,
    turn,
    async write(...requests) {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.write(requests.map((sent, i) => textOf(sent, i === requests.length - 1)).join(''))
      return connection(socket, nextClose)
    },
  }
}

function textOf({ path, method = 'GET', headers = {} }: Sent, isLast: boolean): string {
  const fields = Object.entries({ Host: '127.0.0.1', ...headers, ...(isLast ? { Connection: 'close' } : {}) })
  const lines = [`${method} ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`), '', '']
  return lines.join('\r\n')
}

function connection(socket: Socket, nextClose: () => Promise<unknown>): Connection {
  // A connection that the test or the server drops is no failure of the test.
  socket.on('error', () => {})
  return {
    async next() {
      const [bytes] = await once(socket, 'data')
      return String(bytes)
    },
    async all() {
      let text = ''
      socket.on('data', (bytes) => {
        text += bytes
      })
      await once(socket, 'close')
      return text
    },
    async abort() {
      const closed = nextClose()
      socket.destroy()
      await closed
      await turn()
    },
  }
}

/** What waits until the server closes its end of a connection. It asks no socket for its address: Node would keep that. */
function closes(server: Server): () => Promise<unknown> {
  const events = new EventEmitter()
  server.on('connection', (peer) => peer.on('close', () => events.emit('close')))
  return () => once(events, 'close')
}

/** What waits until all responses are closed. */
function responses(server: Server): () => Promise<void> {
  const open = new Set<Promise<unknown>>()
  server.prependListener('request', (_req, res) => {
    const closed = once(res, 'close').finally(() => open.delete(closed))
    open.add(closed)
  })
  return async () => {
    while (open.size > 0) await Promise.all(open)
    await turn()
  }
}

/** The statuses in what a connection received. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
}

/** The headers that limiters write. */
export function limitHeaders({ headers }: Reply): Record<string, string> {
  const names = Object.keys(headers).filter((name) => /ratelimit|^retry-after$|^cache-control$/.test(name))
  return Object.fromEntries(names.map((name) => [name, headers[name] as string]))
}

export type Clock = (() => number) & { advance(ms: number): void }

/** Midnight of a whole second, so that expected headers are easy to write. */
export const NOW: number = Date.UTC(2030, 0, 1)

/** A clock that stands still unless told, and limiters that go by it. */
export function underClock<R>(
  harness: Harness<R>,
  defaults: Partial<Options<R>> = {},
): { limits: (options: Options<R>) => Middleware<R>; clock: Clock } {
  let now = NOW
  const advance = (ms: number) => {
    now += ms
  }
  const clock = Object.assign(() => now, { advance })
  return { limits: harness.createRateLimit({ clock, ...defaults }), clock }
}

/** Counts how much runs at once. */
export function crowd(): { now: number; most: number; run(work: Promise<void>): Promise<void> } {
  return {
    now: 0,
    most: 0,
    async run(work) {
      this.most = Math.max(this.most, ++this.now)
      await work
      this.now--
    },
  }
}

/** A handler that works until it is told to answer. */
export function slow(): {
  began: ReturnType<typeof deferred<void>>
  end: ReturnType<typeof deferred<void>>
  handler: () => Promise<Answer>
} {
  const [began, end] = [deferred(), deferred()]
  return {
    began,
    end,
    async handler() {
      began.resolve()
      await end.promise
      return { body: 'ok' }
    },
  }
}

/** A promise to be resolved from outside. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
