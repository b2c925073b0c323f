import { createHook } from 'node:async_hooks'
import { admitted, type Make } from '../contender.js'
import { type Fact, sleep } from '../fact.js'
import { onStage, type Stage } from '../stage.js'

const CLIENTS = Array.from({ length: 100 }, (_, i) => `10.0.1.${i}`)
const WINDOW_MS = 4_000
const SLACK_MS = 100

export const keys: Fact = {
  row: `${CLIENTS.length} clients, each refused once: timers left, keys kept in memory, and three windows later`,
  atOnce: true,
  async try({ makes, code }) {
    // That in memory, where a library has such a store. One that has none keeps what it refused in memory, too.
    const [first] = Object.values(makes) as [Make]
    for (let windowMs = WINDOW_MS; ; windowMs *= 2) {
      const found = await onStage((stage) => count(first, code, stage, windowMs))
      if (found !== undefined) return found
    }
  },
}

/** Undefined if the machine was too slow to ask for all within one window. */
async function count(
  { make }: Make,
  code: string,
  stage: Stage,
  windowMs: number,
): Promise<string | undefined> {
  const timers = watchTimers(code)
  const { ask, bound, keys = () => 0 } = await make([{ name: 'keys', limit: 1, windowMs }], stage)
  // Where the fixed windows of some begin.
  await sleep(windowMs - (Date.now() % windowMs))
  const begun = performance.now()
  await ask(CLIENTS[0] as string)
  const only = keys() === 0 ? 'only refused ones, ' : ''
  for (const client of CLIENTS) await admitted(ask, client, 2)
  const most = keys()
  // What was cleared is told a little later.
  await sleep(10)
  const left = timers.left()
  timers.stop()
  if (performance.now() - begun > windowMs - SLACK_MS) return undefined

  await sleep(3 * windowMs)
  const by = bound === undefined ? '' : ` (${bound})`
  return `${left === 1 ? '1 timer' : `${left || 'no'} timers`}; ${only}${most}${by}, later ${keys()}`
}

/** Timers that some code has started, seen by its place in the stack, and that have neither ended nor been cleared. */
function watchTimers(code: string) {
  const timers = new Set<number>()
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' && stack().includes(code)) timers.add(id)
    },
    destroy: (id) => void timers.delete(id),
  }).enable()
  return { left: () => timers.size, stop: () => hook.disable() }
}

function stack(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 30
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return stack ?? ''
}
