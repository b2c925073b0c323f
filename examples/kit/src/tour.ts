import type { RequestListener } from 'node:http'
import { type Answer, type Headers, serve } from './site.js'

/** Exchanges with an app, printed as they happen. */
export interface Tour {
  /** What comes next, in a sentence. */
  say(text: string): void
  ask(request: string, headers?: Headers): Promise<void>
  /** Many of the same: only their statuses are printed. */
  times(count: number, request: string, headers?: Headers): Promise<void>
}

/** Starts the app, takes the tour, and ends. */
export async function tour(app: RequestListener, visit: (tour: Tour) => Promise<void>): Promise<void> {
  const site = await serve(app)
  console.log(`listening on ${site.url}`)
  try {
    await visit({
      say(text) {
        console.log(`\n# ${text}\n`)
      },
      async ask(request, headers) {
        console.log(asked(request, headers))
        console.log(answered(await site.ask(request, headers)))
      },
      async times(count, request, headers) {
        const statuses = Object.entries(await site.times(count, request, headers))
        const tally = statuses.map(([status, times]) => `${times} x ${status}`).join(', ')
        console.log(`${asked(request, headers)}\n< ${tally}\n`)
      },
    })
  } finally {
    await site.close()
  }
}

function asked(request: string, headers: Headers = {}): string {
  return [request, ...lines(headers)].map((line) => `> ${line}`).join('\n')
}

function answered({ status, headers, text }: Answer): string {
  return `${[status, ...lines(headers), text].map((line) => `< ${line}`).join('\n')}\n`
}

function lines(headers: Headers): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
}
