import { setTimeout as wait } from 'node:timers/promises'
import type { Framework } from '../frameworks.js'
import { type Ask, monitor, type Persona, personas } from './personas.js'
import type { Quickstart } from './quickstarts.js'

/** One request and its answer. Times are ms since the show began. */
export interface Exchange {
  readonly framework: Framework
  readonly persona: string
  readonly method: string
  readonly path: string
  readonly sentAt: number
  readonly receivedAt: number
  /** 0 when there was no answer; then `body` says why. */
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** No answer takes this long, unless something is broken. */
const ANSWER_TIMEOUT_MS = 10_000

/** Lets all personas, and the monitor, loose on a server until `ends`; times are of `performance.now()`. */
export async function sendTraffic(
  { framework, url }: Quickstart,
  began: number,
  ends: number,
  hear: (exchange: Exchange) => void,
): Promise<void> {
  await Promise.all(
    [...personas, monitor].map((persona) => persona.act(asking(persona), pause).catch(endOfShow)),
  )

  function asking({ name, apiKey }: Persona): Ask {
    return async (method, path) => {
      const sentAt = performance.now() - began
      const answer = await fetched(url + path, method, apiKey)
      const receivedAt = performance.now() - began
      hear({ framework, persona: name, method, path, sentAt, receivedAt, ...answer })
      return answer
    }
  }

  async function pause(ms: number): Promise<void> {
    const due = Math.min(performance.now() + ms, ends)
    // A timer may fire a little early; who waits for Retry-After must not.
    while (performance.now() < due) await wait(Math.ceil(due - performance.now()))
    if (due === ends) throw new EndOfShow()
  }
}

class EndOfShow extends Error {}

function endOfShow(error: unknown): void {
  if (!(error instanceof EndOfShow)) throw error
}

async function fetched(
  url: string,
  method: string,
  apiKey: string,
): Promise<Pick<Exchange, 'status' | 'headers' | 'body'>> {
  try {
    const response = await fetch(url, {
      method,
      // A connection that is kept may be closed at the very moment at which a client that paused sends again.
      headers: { connection: 'close', ...(apiKey !== '' && { 'x-api-key': apiKey }) },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    })
    return { status: response.status, headers: response.headers, body: await response.text() }
  } catch (error) {
    const { message, cause } = error as Error
    return { status: 0, headers: new Headers(), body: cause instanceof Error ? cause.message : message }
  }
}
