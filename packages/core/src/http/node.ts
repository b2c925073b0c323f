import type { Pass } from './gate.js'

interface Closing {
  readonly destroyed: boolean
  once(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
}

/** What is needed of Node's `ServerResponse`; nothing is imported from Node. */
export interface NodeResponse extends Closing {
  readonly statusCode: number
  readonly headersSent: boolean
  readonly writableFinished: boolean
  /** `null` while the response of an earlier, pipelined request is not sent. */
  readonly socket: object | null
  readonly req: { readonly socket: Closing & { setMaxListeners(count: number): unknown } }
}

/** Whether the client has left. */
export function isGone(res: NodeResponse): boolean {
  return res.destroyed || res.req.socket.destroyed
}

/** Tells `finish` how the answer ended. */
export function onEnd(res: NodeResponse, finish: NonNullable<Pass['finish']>): void {
  onClose(res, () => {
    void finish({ status: res.headersSent ? res.statusCode : undefined, aborted: !res.writableFinished })
  })
}

/** A signal that aborts when the client has left before the answer was complete. */
export function closeSignal(res: NodeResponse): AbortSignal {
  const controller = new AbortController()
  onClose(res, () => {
    if (!res.writableFinished) controller.abort()
  })
  return controller.signal
}

/** `close` comes once, and never to a response that is still queued: its connection tells. */
function onClose(res: NodeResponse, listener: () => void): void {
  if (isGone(res)) {
    listener()
    return
  }
  const { socket } = res.req
  const close = () => {
    res.off('close', close)
    socket.off('close', close)
    listener()
  }
  res.once('close', close)
  if (res.socket !== null) return
  socket.setMaxListeners(0)
  socket.once('close', close)
}
