import { expect, it, vi } from 'vitest'
import { closeSignal, type NodeResponse, onEnd } from './node.js'

function response(state: Partial<NodeResponse> = {}) {
  const listeners: (() => void)[] = []
  const res = { statusCode: 200, headersSent: true, writableFinished: true, destroyed: false, ...state }
  return {
    res: { ...res, once: (_: 'close', listener: () => void) => listeners.push(listener) } as NodeResponse,
    close: () => {
      for (const listener of listeners) listener()
    },
  }
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
  const { res, close } = response(state)
  onEnd(res, finish)
  expect(finish).not.toHaveBeenCalled()
  close()
  expect(finish.mock.calls).toEqual([[end]])
})

it('onEnd tells at once of a client that is gone already, for `close` comes only once', () => {
  const finish = vi.fn()
  onEnd(response({ destroyed: true, headersSent: false, writableFinished: false }).res, finish)
  expect(finish.mock.calls).toEqual([[{ status: undefined, aborted: true }]])
})

it('closeSignal aborts when the client is gone, or was', () => {
  const { res, close } = response()
  const signal = closeSignal(res)
  expect(signal.aborted).toBe(false)
  close()
  expect(signal.aborted).toBe(true)
  expect(closeSignal(response({ destroyed: true }).res).aborted).toBe(true)
})
