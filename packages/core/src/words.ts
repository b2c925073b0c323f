const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
] as const

/** A length of time, exactly: `1 minute`, `90 seconds`, `1500 ms`. */
export function length(ms: number): string {
  const unit = UNITS.find(([size]) => ms % size === 0)
  return unit === undefined ? `${ms} ms` : counted(ms / unit[0], unit[1])
}

/** The same behind "per": `minute`, `90 seconds`. */
export function span(ms: number): string {
  return ms < 1000 ? length(ms) : length(ms).replace(/^1 /, '')
}

/** A wait, rounded up in a unit of which it has one, or at least two: `1 minute`, `90 seconds`, `23 days`. */
export function wait(ms: number): string {
  if (ms < 1000) return `${ms} ms`
  const [size, name] = UNITS.find(([size]) => ms === size || ms >= 2 * size) ?? UNITS[3]
  return counted(Math.ceil(ms / size), name)
}

/** A wait, rounded up to 100 ms where that still matters: `12.4 s`, `23 days`. */
export function nearly(ms: number): string {
  return ms < 1000 || ms >= 120_000 ? wait(ms) : `${Math.ceil(ms / 100) / 10} s`
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
