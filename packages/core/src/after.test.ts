import { describe, expect, it, vi } from 'vitest'
import { after, all } from './after.js'
import { sleep } from './http/sleep.js'

describe('after', () => {
  it('stays in the same turn when there is nothing to wait for', () => {
    expect(after(1, (n) => n + 1)).toBe(2)
    expect(after(undefined, () => 'next')).toBe('next')
  })

  it('waits for promises, and for thenables', async () => {
    await expect(after(Promise.resolve(1), (n) => n + 1)).resolves.toBe(2)
    // biome-ignore lint/suspicious/noThenProperty: that is what makes a thenable
    const thenable = { then: (resolve: (n: number) => void) => resolve(1) } as unknown as Promise<number>
    await expect(after(thenable, (n) => n + 1)).resolves.toBe(2)
  })
})

describe('all', () => {
  it('stays in the same turn when no call has to wait', () => {
    expect(all([() => 1, () => 'a', () => undefined])).toEqual([1, 'a', undefined])
    expect(all([])).toEqual([])
  })

  it('keeps the order of the calls', async () => {
    await expect(all([async () => 1, () => 2, async () => 3])).resolves.toEqual([1, 2, 3])
  })

  it('makes all calls, and rejects with the first that failed, whether it threw or rejected', async () => {
    const last = vi.fn()
    const rejects = () => Promise.reject(new Error('rejected'))
    const throws = () => {
      throw new Error('thrown')
    }
    await expect(all([rejects, throws, last])).rejects.toThrow(/rejected|thrown/)
    await expect(all([throws, last])).rejects.toThrow('thrown')
    expect(last).toHaveBeenCalledTimes(2)
  })
})

describe('sleep', () => {
  it('waits longer than one timer can', async () => {
    vi.useFakeTimers()
    try {
      const month = 31 * 86_400_000
      let over = false
      void sleep(month, new AbortController().signal).then(() => {
        over = true
      })
      await vi.advanceTimersByTimeAsync(month - 1)
      expect(over).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(over).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('ends with the signal, and leaves no timer and no listener behind', async () => {
    vi.useFakeTimers()
    try {
      const controller = new AbortController()
      const removed = vi.spyOn(controller.signal, 'removeEventListener')
      const slept = sleep(1000, controller.signal)
      controller.abort()
      await slept
      expect(vi.getTimerCount()).toBe(0)
      expect(removed).toHaveBeenCalledOnce()
      await sleep(1000, controller.signal)
    } finally {
      vi.useRealTimers()
    }
  })
})
