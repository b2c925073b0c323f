import type { Pass } from '@spillway/core/http'
import type { Next } from 'hono'
import type { AnyContext } from './types.js'

type Finish = NonNullable<Pass['finish']>

/** Runs what is downstream, and tells `finish` how its answer ended: when its body was sent, or the client left. */
export async function watch(c: AnyContext, next: Next, finish: Finish): Promise<void> {
  c.req.raw.signal.addEventListener('abort', () => {
    void finish({ status: c.finalized ? c.res.status : undefined, aborted: true })
  })
  try {
    await next()
  } catch (error) {
    // Hono handles what is an Error; the rest its server answers, with 500.
    await finish({ status: 500, aborted: false })
    throw error
  }
  const { status, body } = c.res
  if (body === null || c.req.method === 'HEAD') await finish({ status, aborted: false })
  else
    c.res = new Response(
      watched(body, (aborted) => finish({ status, aborted })),
      c.res,
    )
}

/** A stream that passes another one on. */
function watched(body: ReadableStream, end: (aborted: boolean) => Promise<void>): ReadableStream {
  const source = body.getReader()
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await source.read()
        if (!done) return controller.enqueue(value)
        await end(false)
        controller.close()
      } catch (error) {
        await end(true)
        controller.error(error)
      }
    },
    async cancel(reason) {
      await end(true)
      await source.cancel(reason)
    },
  })
}
