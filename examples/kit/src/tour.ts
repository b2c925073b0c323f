import type { RequestListener } from 'node:http'
import { type Answer, type Headers, serve } from './site.js'

/** Exchanges with an app, printed as they happen. */
export interface Tour {
  /** What comes next, in a sentence. */
  say(text: string): void
  ask(request: string, headers?: Headers): Promise<void>
  /**
   * Many of the same: only their statuses are printed.
   * @param rest what to do after each so many of them, so that they come no faster than they may
   */
  times(count: number, request: string, headers?: Headers, rest?: Rest): Promise<void>
}

interface Rest {
  readonly every: number
  pause(): void
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
      async times(count, request, headers, rest = { every: count, pause() {} }) {
        const statuses: Record<string, number> = {}
        for (let left = count; left > 0; left -= rest.every) {
          const batch = await site.times(Math.min(left, rest.every), request, headers)
          for (const [status, times] of Object.entries(batch))
            statuses[status] = (statuses[status] ?? 0) + times
          rest.pause()
        }
        const tally = Object.entries(statuses).map(([status, times]) => `${times} x ${status}`)
        console.log(`${asked(request, headers)}\n< ${tally.join(', ')}\n`)
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
