import { expect, it, vi } from 'vitest'
import { closeSignal, type NodeResponse, onEnd } from './node.js'

/** As little of Node's emitter as is needed here. */
class Emitter {
  readonly destroyed: boolean = false
  private listeners: (() => void)[] = []
  once(_event: 'close', listener: () => void): void {
    this.listeners.push(listener)
  }
  off(_event: 'close', listener: () => void): void {
    this.listeners = this.listeners.filter((other) => other !== listener)
  }
  close(): void {
    for (const listener of this.listeners) listener()
  }
  setMaxListeners(): void {}
  get count(): number {
    return this.listeners.length
  }
}

function response(state: Partial<NodeResponse> = {}) {
  const socket = new Emitter()
  const res = Object.assign(new Emitter(), {
    statusCode: 200,
    headersSent: true,
    writableFinished: true,
    socket,
    req: { socket },
    ...state,
  })
  return { res, socket }
}

it.each<[string, Partial<NodeResponse>, object]>([
  ['sent whole', {}, { status: 200, aborted: false }],
  ['broken off in the body', { writableFinished: false }, { status: 200, aborted: true }],
  [
    'broken off before the head',
    { writableFinished: false, headersSent: false },
    { status: undefined, aborted: true },
  ],
])('onEnd tells of an answer that was %s', (_, state, end) => {
  const finish = vi.fn()
  const { res } = response(state)
  onEnd(res, finish)
  expect(finish).not.toHaveBeenCalled()
  res.close()
  expect(finish.mock.calls).toEqual([[end]])
})

it('onEnd tells at once of a client that is gone already, for `close` comes only once', () => {
  const finish = vi.fn()
  onEnd(response({ destroyed: true, headersSent: false, writableFinished: false }).res, finish)
  expect(finish.mock.calls).toEqual([[{ status: undefined, aborted: true }]])
})

it('onEnd tells of a queued response when its connection closes', () => {
  const finish = vi.fn()
  const { res, socket } = response({ socket: null, headersSent: false, writableFinished: false })
  onEnd(res, finish)
  socket.close()
  res.close()
  expect(finish.mock.calls).toEqual([[{ status: undefined, aborted: true }]])
})

it('leaves no listener on a connection that is kept alive', () => {
  const { res, socket } = response({ socket: null })
  for (let i = 0; i < 20; i++) onEnd(res, vi.fn())
  expect(socket.count).toBe(20)
  res.close()
  expect(socket.count).toBe(0)
})

it('closeSignal aborts when the client is gone, or was, before the answer was complete', () => {
  for (const writableFinished of [false, true]) {
    const { res } = response({ writableFinished })
    const signal = closeSignal(res)
    expect(signal.aborted).toBe(false)
    res.close()
    expect(signal.aborted).toBe(!writableFinished)
    expect(closeSignal(response({ destroyed: true, writableFinished }).res).aborted).toBe(!writableFinished)
  }
})
