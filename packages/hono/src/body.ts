import type { Pass } from '@spillway/core/http'
import type { AnyContext } from './types.js'

/** Passes the response's body on, and tells `finish` when it was sent or given up. */
export function watchBody(c: AnyContext, finish: NonNullable<Pass['finish']>): void {
  const { status, body } = c.res
  if (body === null || c.req.method === 'HEAD') {
    void finish({ status, aborted: c.req.raw.signal.aborted })
    return
  }
  const source = body.getReader()
  const watched = new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await source.read()
        if (!done) return controller.enqueue(value)
        await finish({ status, aborted: false })
        controller.close()
      } catch (error) {
        await finish({ status, aborted: true })
        controller.error(error)
      }
    },
    async cancel(reason) {
      await finish({ status, aborted: true })
      await source.cancel(reason)
    },
  })
  c.res = new Response(watched, c.res)
}
