import { SpillwayError, show } from './errors.js'

/**
 * A length of time: `'250ms'`, `'10s'`, `'15m'`, `'1h'`, `'1d'` (24 hours), a space before the unit allowed;
 * or a whole number of milliseconds that is at least 1000.
 */
export type Duration = number | `${number}${Unit}` | `${number} ${Unit}`

type Unit = 'ms' | 's' | 'm' | 'h' | 'd'

const UNIT_MS: Record<Unit, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** About 71,000 years: a moment plus two such windows is still an exact integer and a valid date. */
const MAX_MS = 2 ** 51

/**
 * Turns a duration into whole milliseconds.
 * @param option the option's name, for the message
 * @param code of the error; a time other than a window is rather a short one
 * @throws SpillwayError `WINDOW_INVALID`, or that code
 */
export function milliseconds(
  value: unknown,
  option: string,
  code: 'WINDOW_INVALID' | 'OPTION_INVALID' = 'WINDOW_INVALID',
): number {
  const ms = typeof value === 'string' ? parse(value) : value
  if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 1) throw invalid(adviceOn(value))
  if (typeof value === 'number' && ms < 1000) {
    const [likely, other] = code === 'WINDOW_INVALID' ? ['s', 'ms'] : ['ms', 's']
    throw invalid(
      `a bare number is milliseconds and must be at least 1000: write '${ms}${likely}' or '${ms}${other}'`,
    )
  }
  if (ms > MAX_MS) throw invalid(`it must be at most ${MAX_MS} ms`)
  return ms

  function invalid(advice: string): SpillwayError {
    return new SpillwayError(code, `\`${option}\` is ${show(value)}: ${advice}.`)
  }
}

function parse(text: string): number {
  const match = /^(\d+) ?(ms|s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * UNIT_MS[match[2] as Unit] : Number.NaN
}

/** What people write out is read here, to say how it is written. */
function adviceOn(value: unknown): string {
  const written =
    typeof value === 'string' && /^([1-9]\d*) ?(mil|sec|min|hour|day|week|w$)[a-z]*$/i.exec(value.trim())
  if (!written) return "write '250ms', '10s', '15m', '1h' or '1d', or a whole number of milliseconds"
  const word = (written[2] as string).toLowerCase()
  if (word[0] === 'w') return `write '${7 * Number(written[1])}d'`
  return `write '${written[1]}${word === 'mil' ? 'ms' : word[0]}'`
}
