import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Reservation } from '../reservation.js'
import { MAX_TIMER_MS } from './sleep.js'
import { Stay } from './stay.js'
import { signalOf, type Visits } from './visits.js'

const LEASE = 9000
const THIRD = LEASE / 3
const answered = { status: 200, aborted: false }
const left = { status: undefined, aborted: true }

let now = 0
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

async function pass(ms: number): Promise<void> {
  now += ms
  await vi.advanceTimersByTimeAsync(ms)
}

function setUp(own: { leaseMs?: number | undefined; refund?: 'failed' } = {}) {
  const held = {
    renew: vi.fn(async () => true),
    release: vi.fn(async () => true),
    settle: vi.fn(async () => true),
  }
  const visits: Visits = []
  const client = () => new AbortController().signal
  const options = { leaseMs: LEASE, refund: undefined, visits, client, ...own }
  return { ...held, stay: new Stay(held as unknown as Reservation, options), visits, client }
}

function work() {
  let end!: () => void
  const promise = new Promise<void>((resolve) => {
    end = resolve
  })
  return { promise, end }
}

describe('slots', () => {
  it('are renewed at every third of the lease, until the response is over', async () => {
    const { stay, renew, release } = setUp()
    await pass(THIRD - 1)
    expect(renew).not.toHaveBeenCalled()
    await pass(1)
    expect(renew).toHaveBeenCalledTimes(1)
    for (let i = 0; i < 9; i++) await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(10)
    expect(release).not.toHaveBeenCalled()
    await stay.finish(answered)
    expect(release).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are released once', async () => {
    const { stay, release } = setUp()
    for (const end of [answered, left]) await stay.finish(end)
    stay.hold(Promise.resolve())
    stay.until(Promise.resolve())
    await pass(LEASE)
    expect(release).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of a response that is over are kept and renewed for what is downstream', async () => {
    const { stay, renew, release } = setUp()
    const downstream = work()
    stay.until(downstream.promise)
    await pass(THIRD)
    await stay.finish(left)
    for (let i = 0; i < 5; i++) await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(6)
    expect(release).not.toHaveBeenCalled()
    downstream.end()
    await pass(0)
    expect(release).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are renewed ten times for what is downstream and never ends, and as often as it takes before', async () => {
    const { stay, renew, release } = setUp()
    stay.until(work().promise)
    for (let i = 0; i < 20; i++) await pass(THIRD)
    await stay.finish(left)
    for (let i = 0; i < 10; i++) {
      expect(vi.getTimerCount()).toBe(1)
      await pass(THIRD)
    }
    expect(renew).toHaveBeenCalledTimes(30)
    expect(vi.getTimerCount()).toBe(0)
    expect(release).not.toHaveBeenCalled()
  })

  it('are kept and renewed for held work, whatever it comes to', async () => {
    const { stay, renew, release } = setUp()
    const works = [work(), work()]
    for (const { promise } of works) stay.hold(promise)
    stay.hold(Promise.reject(new Error('mine')))
    await stay.finish(answered)
    for (const { end } of works) {
      await pass(THIRD)
      end()
    }
    expect(renew).toHaveBeenCalledTimes(2)
    await pass(0)
    expect(release).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are renewed for held work as long as it lasts, which counts for nothing downstream', async () => {
    const { stay, renew, release } = setUp()
    const held = work()
    stay.until(work().promise)
    stay.hold(held.promise)
    await stay.finish(left)
    for (let i = 0; i < 20; i++) await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(20)
    held.end()
    for (let i = 0; i < 20; i++) await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(30)
    expect(vi.getTimerCount()).toBe(0)
    expect(release).not.toHaveBeenCalled()
  })

  it('of a response that is over are not renewed beyond held work', async () => {
    const { stay, renew, release } = setUp()
    const held = work()
    stay.hold(held.promise)
    await stay.finish(answered)
    await pass(THIRD)
    held.end()
    await pass(0)
    expect(renew).toHaveBeenCalledTimes(1)
    expect(release).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are not given back with the charge', async () => {
    const { stay, settle, release } = setUp({ refund: 'failed' })
    stay.hold(work().promise)
    await stay.finish({ status: 500, aborted: false })
    expect(settle.mock.calls).toEqual([[0, { release: false }]])
    expect(release).not.toHaveBeenCalled()
  })

  it('that were not renewed for a while are renewed at once when work is held again', async () => {
    const { stay, renew } = setUp()
    stay.until(work().promise)
    await stay.finish(left)
    for (let i = 0; i < 10; i++) await pass(THIRD)
    await pass(LEASE - 1)
    expect(renew).toHaveBeenCalledTimes(10)
    stay.hold(work().promise)
    await pass(0)
    expect(renew).toHaveBeenCalledTimes(11)
    await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(12)
  })

  it('are not renewed while nobody may ever send the response, and soon enough when somebody does', async () => {
    const { stay, renew, release } = setUp()
    stay.sending(false)
    expect(vi.getTimerCount()).toBe(0)
    await pass(THIRD - 1)
    stay.sending(true)
    expect(renew).not.toHaveBeenCalled()
    await pass(1)
    expect(renew).toHaveBeenCalledTimes(1)
    await stay.finish(answered)
    expect(release).toHaveBeenCalledTimes(1)
  })

  it('are held without timers where there are none', async () => {
    const { stay, release } = setUp({ leaseMs: undefined })
    stay.hold(work().promise)
    expect(vi.getTimerCount()).toBe(0)
    await stay.finish(answered)
    expect(release).not.toHaveBeenCalled()
  })

  it('are renewed earlier than a timer can wait', async () => {
    const { renew } = setUp({ leaseMs: 4 * MAX_TIMER_MS })
    await pass(MAX_TIMER_MS - 1)
    expect(renew).not.toHaveBeenCalled()
    await pass(1)
    expect(renew).toHaveBeenCalledTimes(1)
  })
})

describe('a slot that is lost', () => {
  it('aborts the signal, and is renewed no more', async () => {
    const { stay, renew, release, visits, client } = setUp()
    const early = signalOf(visits, client)
    renew.mockResolvedValue(false)
    for (let i = 0; i < 3; i++) await pass(THIRD)
    expect(renew).toHaveBeenCalledTimes(1)
    for (const signal of [early, signalOf(visits, client)]) {
      expect(signal.reason).toMatchObject({ name: 'SpillwayError', code: 'LEASE_LOST' })
      expect(signal.reason.message).toContain('its lease of 9000 ms ended')
    }
    stay.hold(work().promise)
    expect(vi.getTimerCount()).toBe(0)
    await stay.finish(answered)
    expect(release).not.toHaveBeenCalled()
  })

  it('does so in vain where that is heard only after it was released', async () => {
    const { stay, renew, visits, client } = setUp()
    const renewal = work()
    renew.mockImplementation(() => renewal.promise.then(() => false))
    await pass(THIRD)
    await stay.finish(answered)
    renewal.end()
    await pass(0)
    expect(signalOf(visits, client).aborted).toBe(false)
  })
})

describe('timers', () => {
  it('keep no process alive, by the name that the runtime has for it', async () => {
    const unref = vi.fn()
    vi.stubGlobal('setTimeout', () => ({ unref }))
    const { stay } = setUp()
    expect(unref).toHaveBeenCalledTimes(1)
    vi.stubGlobal('clearTimeout', () => {})
    await stay.finish(answered)

    const unrefTimer = vi.fn()
    vi.stubGlobal('setTimeout', () => 7)
    vi.stubGlobal('Deno', { unrefTimer })
    await setUp().stay.finish(answered)
    expect(unrefTimer.mock.calls).toEqual([[7]])
    vi.unstubAllGlobals()
  })
})

describe('the signal', () => {
  const departing = () => {
    const controller = new AbortController()
    return { leave: () => controller.abort('left'), client: vi.fn(() => controller.signal) }
  }

  it('asks for the client once, when it is asked for', () => {
    const [{ leave, client }, visits] = [departing(), [] as Visits]
    const signal = signalOf(visits, client)
    expect(signalOf(visits, client)).toBe(signal)
    expect(client).toHaveBeenCalledTimes(1)
    leave()
    expect([signal.aborted, signal.reason]).toEqual([true, 'left'])
  })

  it('knows a client that has left already', () => {
    const { leave, client } = departing()
    leave()
    expect(signalOf([], client).aborted).toBe(true)
  })

  it('does not take the end of an answer for a departure', async () => {
    const [{ leave, client }, { stay, visits }] = [departing(), setUp()]
    const signal = signalOf(visits, client)
    await stay.finish(answered)
    leave()
    expect(signal.aborted).toBe(false)
  })

  it('aborts where the answer was broken off', async () => {
    const [{ leave, client }, { stay, visits }] = [departing(), setUp()]
    await stay.finish(left)
    const signal = signalOf(visits, client)
    leave()
    expect(signal.aborted).toBe(true)
  })
})
