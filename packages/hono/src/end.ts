import type { Pass, Slots } from '@spillway/core/http'
import type { Next } from 'hono'
import type { AnyContext } from './types.js'

type Finish = NonNullable<Pass['finish']>

/** Runs what is downstream, and tells `finish` how its answer ended: when its body was sent, or the client left. */
export async function watch(c: AnyContext, next: Next, finish: Finish, slots?: Slots): Promise<void> {
  // Nobody waits for a store to hear of the end: not the answer, and not its last byte.
  const end = (status: number | undefined, aborted: boolean) => outlive(c, finish({ status, aborted }))
  c.req.raw.signal.addEventListener('abort', () => end(c.finalized ? c.res.status : undefined, true))
  try {
    const downstream = next()
    slots?.until(downstream)
    await downstream
  } catch (error) {
    // Hono handles what is an Error; the rest its server answers, with 500.
    end(500, false)
    throw error
  }
  const { status, body } = c.res
  if (body === null || c.req.method === 'HEAD') {
    end(status, false)
    return
  }
  // A body that somebody drops further out, for an answer of their own, is neither read nor cancelled.
  slots?.sending(false)
  const begin = () => slots?.sending(true)
  const stream = watched(body, begin, (aborted) => end(status, aborted))
  c.res = new Response(stream, c.res)
}

/** Where a runtime stops what is left when the answer is complete, it is told of `work`. */
function outlive(c: AnyContext, work: Promise<void>): void {
  try {
    c.executionCtx.waitUntil(work)
  } catch {
    // Others have no such context, and Hono throws.
  }
}

/** A stream that passes another one on, once it is asked. */
function watched(body: ReadableStream, begin: () => void, end: (aborted: boolean) => void): ReadableStream {
  const source = body.getReader()
  const underlying: UnderlyingSource = {
    async pull(controller) {
      begin()
      try {
        const { done, value } = await source.read()
        if (!done) return controller.enqueue(value)
        end(false)
        controller.close()
      } catch (error) {
        end(true)
        controller.error(error)
      }
    },
    async cancel(reason) {
      end(true)
      await source.cancel(reason)
    },
  }
  return new ReadableStream(underlying, { highWaterMark: 0 })
}
