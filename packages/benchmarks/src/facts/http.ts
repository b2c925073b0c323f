import type { Answer, Ask } from './contender.js'
import type { Stage } from './stage.js'

type Listener = Parameters<Stage['serve']>[0]

/** Asks a server over HTTP. Its framework takes the client's address from the header that a proxy would set. */
export async function overHttp(listener: Listener, stage: Stage): Promise<Ask> {
  const url = await stage.serve(listener)
  return asking((headers) => fetch(url, { headers }))
}

/** Asks by requests: what is not 200 is a refusal, and an error of the server is one. */
export function asking(send: (headers: Record<string, string>) => Response | Promise<Response>): Ask {
  return async (address) => {
    const response = await send({ 'x-forwarded-for': address })
    const body = await response.text()
    if (response.status === 500) throw new Error(`It answers 500: ${body.slice(0, 200)}`)
    const headers = [...response.headers].map(([name, value]) => [`header \`${name}\``, value] as const)
    const wait = response.headers.get('retry-after')
    const answer: Answer = {
      allowed: response.status === 200,
      said: { ...Object.fromEntries(headers), body },
      ...(wait !== null && { waitMs: Number(wait) * 1_000 }),
    }
    return answer
  }
}
