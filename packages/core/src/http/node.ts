import type { Pass } from './gate.js'

/** What is needed of Node's `ServerResponse`; nothing is imported from Node. */
export interface NodeResponse {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
}

/** Tells `finish` how the answer ended. `close` comes once, so a client that is already gone is told of at once. */
export function onEnd(res: NodeResponse, finish: NonNullable<Pass['finish']>): void {
  const end = () =>
    void finish({ status: res.headersSent ? res.statusCode : undefined, aborted: !res.writableFinished })
  if (res.destroyed) end()
  else res.once('close', end)
}

/** A signal that aborts when the client is gone. */
export function closeSignal(res: NodeResponse): AbortSignal {
  const controller = new AbortController()
  if (res.destroyed) controller.abort()
  else res.once('close', () => controller.abort())
  return controller.signal
}
