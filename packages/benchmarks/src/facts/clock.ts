/**
 * The clocks of this process, which libraries read as `Date` and `process.hrtime`: they may stand still, and be set forward.
 * They never jump back or begin anew, since some libraries keep what they read when they were loaded. Timers and
 * `performance.now()` stay those of the machine.
 */
export interface Clock {
  /** The clocks stand still until `release`, but for a microsecond at each reading of `hrtime`; from there they go on. */
  hold(): void
  release(): void
  skip(ms: number): void
  /** Gives the process its own clocks back. */
  uninstall(): void
}

export function installClock(): Clock {
  const machine = { Date: globalThis.Date, hrtime: process.hrtime }
  const ticks = () => Number(machine.hrtime.bigint()) / 1e6
  /** When `process.hrtime` was 0. */
  const origin = machine.Date.now() - ticks()
  let ahead = 0
  let heldAt: number | undefined
  const now = () => heldAt ?? origin + ticks() + ahead

  globalThis.Date = class extends machine.Date {
    constructor(...args: [] | [number]) {
      super(...((args.length === 0 ? [Math.floor(now())] : args) as [number]))
    }
    static override now = () => Math.floor(now())
  } as DateConstructor

  function nanoseconds(): bigint {
    // Some tell requests apart by it: no two readings are the same, as on a machine.
    if (heldAt !== undefined) heldAt += 0.001
    return BigInt(Math.round((now() - origin) * 1e6))
  }
  process.hrtime = Object.assign(
    ([seconds, rest]: [number, number] = [0, 0]): [number, number] => {
      const since = nanoseconds() - BigInt(seconds) * 1_000_000_000n - BigInt(rest)
      return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)]
    },
    { bigint: nanoseconds },
  )

  return {
    hold() {
      // A whole millisecond, so that what is skipped to is one too.
      heldAt ??= Math.ceil(now())
    },
    release() {
      if (heldAt !== undefined) ahead = heldAt - origin - ticks()
      heldAt = undefined
    },
    skip(ms) {
      if (heldAt === undefined) ahead += ms
      else heldAt += ms
    },
    uninstall() {
      globalThis.Date = machine.Date
      process.hrtime = machine.hrtime
    },
  }
}
