/** A clock that stands still until it is moved. */
export interface Clock {
  (): number
  /** By so many milliseconds. */
  advance(ms: number): void
}

/** @param start as ISO 8601 */
export function clockAt(start: string): Clock {
  let now = Date.parse(start)
  const clock = () => now
  return Object.assign(clock, {
    advance(ms: number) {
      now += ms
    },
  })
}
