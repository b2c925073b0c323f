import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What came back: all headers but those with which Node frames an answer, and the body, parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** The body as it came. */
  readonly text: string
}

export type Headers = Readonly<Record<string, string>>

/** A server on a free port of this machine. */
export interface Site {
  readonly url: string
  /** @param request method and path: `'POST /records'` */
  ask(request: string, headers?: Headers): Promise<Answer>
  /** The same request so many times. Answers how many answers had each status. */
  times(count: number, request: string, headers?: Headers): Promise<Record<number, number>>
  close(): Promise<void>
}

const FRAMING = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']

/** So many requests of {@link Site.times} are on their way at once. */
const AT_ONCE = 50

export async function serve(listener: RequestListener): Promise<Site> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  // Thousands of requests take half of the time that they would take by `fetch`.
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })

  async function ask(line: string, headers: Headers = {}): Promise<Answer> {
    const [method, path] = line.split(' ') as [string, string]
    const sent = request(url + path, { method, headers, agent }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const said = Object.entries(response.headers).filter(([name]) => !FRAMING.includes(name))
    const body = await text(response)
    return {
      status: response.statusCode as number,
      headers: Object.fromEntries(said.map(([name, value]) => [name, String(value)])),
      body: /\bjson\b/.test(response.headers['content-type'] ?? '') ? JSON.parse(body) : body,
      text: body,
    }
  }

  async function times(count: number, request: string, headers?: Headers): Promise<Record<number, number>> {
    const statuses: Record<number, number> = {}
    let left = count
    async function askOn(): Promise<void> {
      while (left-- > 0) {
        const { status } = await ask(request, headers)
        statuses[status] = (statuses[status] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, askOn))
    return statuses
  }

  async function close(): Promise<void> {
    agent.destroy()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }

  return { url, ask, times, close }
}
