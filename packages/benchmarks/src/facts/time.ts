import type { Clock } from './clock.js'
import type { Make } from './contender.js'
import { sleep } from './fact.js'

/** The time that a limiter goes by. */
export interface Time {
  /** ms */
  now(): number
  pass(ms: number): Promise<void>
  /** How finely it is told, in ms: 0 where it stands still, else of timers and of two processes' clocks. */
  readonly grain: number
  /** Until a whole multiple of so many ms since the epoch, where fixed windows of some libraries begin. */
  passTo(multiple: number): Promise<void>
}

/** Set forward where that can be, with everything else standing still; else waited for. */
export async function inTimeOf<T>(
  { clock: whose }: Make,
  clock: Clock,
  work: (time: Time) => Promise<T>,
): Promise<T> {
  if (whose === 'redis')
    return work({ now: () => performance.now(), grain: 5, pass: sleep, async passTo() {} })
  clock.hold()
  try {
    return await work({
      now: () => Date.now(),
      grain: 0,
      async pass(ms) {
        clock.skip(ms)
      },
      async passTo(multiple) {
        clock.skip(multiple - (Date.now() % multiple))
      },
    })
  } finally {
    clock.release()
  }
}
