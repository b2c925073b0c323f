import { once } from 'node:events'
import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Decision, Policy } from '@spillway/core'
import type { LoggedRequest } from './access-log.js'
import type { Framework } from './frameworks.js'
import { apps } from './servers.js'

export interface ReplayOptions {
  readonly framework: Framework
  readonly policy: Policy
  /** In the order of time. */
  readonly requests: readonly LoggedRequest[]
  /** How many ms of the log are one ms of the limiter's clock. @default 1 */
  readonly speed?: number
  readonly onAnswer?: () => void
}

/** What became of one request: the decision inside the server, and the answer that came over the wire. */
export interface Replayed {
  readonly request: LoggedRequest
  readonly decision: Decision
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/**
 * Sends the requests over real sockets, each address as X-Forwarded-For, strictly one after the other: the
 * limiter's clock moves to a request's time, and the next is sent once this one is decided. An answer that
 * the limiter delays (leakyBucket) is not waited for before that.
 */
export async function replay(options: ReplayOptions): Promise<Replayed[]> {
  const { framework, policy, requests, speed = 1, onAnswer } = options
  let now = 0
  let hear: (decision: Decision) => void
  const server = createServer(apps[framework]({ policy, clock: () => now, onDecision: (made) => hear(made) }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  const answers: Promise<Replayed>[] = []

  try {
    for (const request of requests) {
      now = request.time / speed
      const decided = new Promise<Decision>((resolve) => {
        hear = resolve
      })
      const answered = send(request, port, agent)
      const undecided = answered.then(({ status }) => {
        throw new Error(`${framework} answered ${status} to ${request.method} ${request.path} undecided`)
      })
      const decision = await Promise.race([decided, undecided])
      const answer = answered.then((answer) => ({ request, decision, ...answer }))
      answer.catch(() => {}) // heard at the end
      answers.push(answer)
      onAnswer?.()
    }
    return await Promise.all(answers)
  } finally {
    await Promise.allSettled(answers)
    agent.destroy()
    server.close()
  }
}

function send(
  { address, method, path }: LoggedRequest,
  port: number,
  agent: Agent,
): Promise<Pick<Replayed, 'status' | 'headers'>> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-forwarded-for': address }
    request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      const { statusCode: status = 0, headers } = response
      response
        .resume()
        .on('end', () => resolve({ status, headers }))
        .on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}
