import { createHook } from 'node:async_hooks'
import { serve } from '../child.js'
import type { Asked, Memory } from '../subject.js'
import { isAsync } from './asking.js'
import { FEW, type Footprint, KEYS } from './footprint.js'
import { keysOf } from './keys.js'
import { processorMs } from './processor-time.js'

const limits = { limit: 1_000, windowMs: 600_000, maxKeys: KEYS }

await serve((subject) => {
  const { make } = subject.memory as Memory
  const keys = keysOf(KEYS)
  const insert = isAsync(make(limits)) ? insertAsync : insertSync

  return async (): Promise<Footprint> => {
    // The keys are there before and after.
    const before = await settledHeap()
    const asked = make(limits)
    const { insertMs, longestMs } = await insert(asked, keys)
    const bytesPerKey = ((await settledHeap()) - before) / keys.length
    // It is still in use, so that none of it was collected.
    asked.ask(keys[0] as string)
    const timers = await countTimers(() => insert(make(limits), keys.slice(0, FEW)))
    return { bytesPerKey, insertMs, longestMs, timers }
  }
})

function insertSync({ ask }: Asked, keys: readonly string[]) {
  const watch = stopwatch()
  for (let i = 0; i < keys.length; i++) {
    ask(keys[i] as string)
    if (i % FEW === FEW - 1) watch.lap()
  }
  return watch.times()
}

/** Nothing but promises is awaited: the event loop does not turn here either. */
async function insertAsync({ ask }: Asked, keys: readonly string[]) {
  const watch = stopwatch()
  for (let i = 0; i < keys.length; i++) {
    await ask(keys[i] as string)
    if (i % FEW === FEW - 1) watch.lap()
  }
  return watch.times()
}

function stopwatch() {
  const started = processorMs()
  let last = started
  let longestMs = 0
  return {
    lap() {
      const now = processorMs()
      longestMs = Math.max(longestMs, now - last)
      last = now
    },
    times: () => ({ insertMs: last - started, longestMs }),
  }
}

/** Those that let a process end are counted as well, which `getActiveResourcesInfo` leaves out. */
async function countTimers(work: () => unknown): Promise<number> {
  const timers = new Set<number>()
  const hook = createHook({
    init: (id, type) => void (type === 'Timeout' && timers.add(id)),
    destroy: (id) => void timers.delete(id),
  }).enable()
  await work()
  hook.disable()
  return timers.size
}

/** Twice, with a turn of the loop between: what a first collection only marks for finalisation the second one frees. */
async function settledHeap(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
