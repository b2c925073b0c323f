import type { Outcome } from '@spillway/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { batching } from './batch.js'
import type { Call } from './wire.js'

/** A call that is told from others by its clock. */
const call = (now: number, key = 'k'): Call => ({
  plan: { text: '', policies: 1 },
  mode: 'consume',
  now,
  keys: [key],
  ops: [],
})
const outcome = (now: number): Outcome => ({ now, passed: true, results: [] })

/** Answers every call by its own clock, and notes what was sent together. */
function batched(answer: (call: Call) => Outcome = ({ now }) => outcome(now as number)) {
  const sent: (number | undefined)[][] = []
  const send = async (calls: readonly Call[]) => {
    sent.push(calls.map(({ now }) => now))
    return calls
  }
  const read = (sent: unknown) => answer(sent as Call)
  return { sent, ask: batching(send, read, ({ keys }) => keys[0] as string) }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('calls', () => {
  it('of one turn travel together in order, and each gets its own answer', async () => {
    const { sent, ask } = batched()
    const first = [ask(call(1)), ask(call(2))]
    await Promise.resolve()
    const late = ask(call(3))
    expect(await Promise.all([...first, late])).toEqual([1, 2, 3].map(outcome))
    expect(sent).toEqual([[1, 2, 3]])
    await ask(call(4))
    expect(sent).toEqual([[1, 2, 3], [4]])
  })

  it('of several groups travel apart', async () => {
    const { sent, ask } = batched()
    await Promise.all([ask(call(1, 'a')), ask(call(2, 'b')), ask(call(3, 'a'))])
    expect(sent).toEqual([[1, 3], [2]])
  })

  it('are 128 together at most', async () => {
    const { sent, ask } = batched()
    await Promise.all(upTo(300).map((now) => ask(call(now))))
    expect(sent.map(({ length }) => length)).toEqual([128, 128, 44])
    expect(sent.flat()).toEqual(upTo(300))
    await Promise.all(upTo(128).map((now) => ask(call(now))))
    expect(sent).toHaveLength(4)
  })

  it('of one turn after 128 stay together, whenever in the turn they come', async () => {
    const { sent, ask } = batched()
    const first = upTo(129).map((now) => ask(call(now)))
    // Comes between the two batches, as what waits for the first one may.
    const late = (first[0] as Promise<Outcome>).then(() => ask(call(129)))
    await Promise.all([...first, late])
    expect(sent.map(({ length }) => length)).toEqual([128, 2])
  })

  it('join nobody whose turn does not end', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const { sent, ask } = batched()
    vi.stubGlobal('setImmediate', () => {})
    void ask(call(1))
    vi.unstubAllGlobals()
    now.mockReturnValue(9)
    void ask(call(2))
    now.mockReturnValue(10)
    expect(await ask(call(3))).toEqual(outcome(3))
    expect(sent).toEqual([[3]])
  })

  it('are fewer where their keys are long', async () => {
    const { sent, ask } = batched()
    const long = 'k'.repeat(64 * 1024)
    await Promise.all(upTo(10).map((now) => ask(call(now, long))))
    expect(sent).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
  })

  it('fail alone where the trouble is their own', async () => {
    const { ask } = batched(({ now }) => {
      if (now === 2) throw new Error('mine')
      return outcome(now as number)
    })
    const settled = await Promise.allSettled([1, 2, 3].map((now) => ask(call(now))))
    expect(settled).toMatchObject([
      { value: { now: 1 } },
      { reason: { message: 'mine' } },
      { value: { now: 3 } },
    ])
  })

  it('fail together where none was answered, or too few', async () => {
    const fail = vi.fn(async () => {
      throw new Error('gone')
    })
    const read = (answer: unknown) => {
      if (answer === undefined) throw new Error('nothing')
      return outcome(answer as number)
    }
    const ask = batching(fail, read, () => '')
    const settled = await Promise.allSettled([ask(call(1)), ask(call(2))])
    expect(settled).toMatchObject([{ reason: { message: 'gone' } }, { reason: { message: 'gone' } }])
    // What failed may have been carried out.
    expect(fail).toHaveBeenCalledTimes(1)
    const short = batching(
      async () => [1],
      read,
      () => '',
    )
    const answers = await Promise.allSettled([short(call(1)), short(call(2))])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('travel together where there is no `setImmediate` too, as on Workers', async () => {
    vi.stubGlobal('setImmediate', undefined)
    const { sent, ask } = batched()
    expect(await Promise.all([ask(call(1)), ask(call(2))])).toEqual([1, 2].map(outcome))
    expect(sent).toEqual([[1, 2]])
  })
})
