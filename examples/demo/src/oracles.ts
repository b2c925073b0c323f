/**
 * Each algorithm once more, as plainly as it can be said: a list of past admissions, and a look at all of it.
 * No state that drains, no counters, nothing of the implementation.
 */
export interface Oracle {
  /** Whether a request at `now` is admitted after these admissions, oldest first. Times in ms. */
  admits(admitted: readonly number[], now: number): boolean
  /** How long an admitted request is held back. @default 0 */
  delayMs?(admitted: readonly number[], now: number): number
}

/** Never more than `limit` in any `window`. */
export const atMost = (limit: number, window: number): Oracle => ({
  admits: (admitted, now) => admitted.filter((time) => time + window > now).length < limit,
})

/** In any span of time `d` at most `burst + limit * d / window`: looks at every span that ends now. */
export const bucket = (limit: number, window: number, burst: number): Oracle => ({
  admits: (admitted, now) =>
    [...admitted, now].every(
      (from, index, all) => (all.length - index) * window <= burst * window + limit * (now - from),
    ),
})

/** One start each `spacing`; at most `queue` wait for theirs. */
export function queueOf(spacing: number, queue: number): Oracle {
  function delayMs(admitted: readonly number[], now: number): number {
    const free = admitted.reduce((free, time) => Math.max(free, time) + spacing, 0)
    return Math.max(0, free - now)
  }
  return { delayMs, admits: (admitted, now) => delayMs(admitted, now) <= queue * spacing }
}

/** Admissions are at least `spacing` apart. */
export const apart = (spacing: number): Oracle => ({
  admits: (admitted, now) => admitted.every((time) => now - time >= spacing),
})

/** The count of this window, and that of the one before by how much of it is less than `window` ago. */
export const fading = (limit: number, window: number): Oracle => ({
  admits(admitted, now) {
    const start = now - (now % window)
    const current = admitted.filter((time) => time >= start).length
    const previous = admitted.filter((time) => time >= start - window && time < start).length
    // current + 1 + previous * overlap / window <= limit
    return (current + 1) * window + previous * (start + window - now) <= limit * window
  },
})

/** At most `limit` in each stretch of `length`, counted from 1970 and `shift`. */
export const inEach = (limit: number, length: number, shift = 0): Oracle => ({
  admits(admitted, now) {
    const stretch = (time: number) => Math.floor((time + shift) / length)
    return admitted.filter((time) => stretch(time) === stretch(now)).length < limit
  },
})

/** At most `limit` in each window; one begins with the first admission that no window holds. */
export const fromFirst = (limit: number, window: number): Oracle => ({
  admits(admitted, now) {
    const starts: number[] = []
    for (const time of admitted) {
      if (time >= (starts.at(-1) ?? -window) + window) starts.push(time)
    }
    const start = starts.at(-1) ?? now
    return now >= start + window || admitted.filter((time) => time >= start).length < limit
  },
})
