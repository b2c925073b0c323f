import leven from 'leven'
import { SpillwayError, show } from './errors.js'

/**
 * Checks that `value` is an options object with no key outside `known`.
 * @param where what the options belong to, for the message: `createLimiter`, `tokenBucket`
 * @param hints the right words for names that other libraries use
 * @throws SpillwayError `OPTION_INVALID`, `OPTION_UNKNOWN`
 */
export function checkOptions(
  value: unknown,
  known: readonly string[],
  where: string,
  hints: Readonly<Record<string, string>> = {},
): void {
  checkObject(value, where)
  for (const option of Object.keys(value)) {
    if (known.includes(option)) continue
    const advice = Object.hasOwn(hints, option) ? hints[option] : suggest(option, known)
    throw new SpillwayError('OPTION_UNKNOWN', `${where} has no option \`${option}\`. ${advice}`)
  }
}

/**
 * @param advice what to do where it is a request or a context, as when `key: byIp` was written for `key: byIp()`
 * @throws SpillwayError `OPTION_INVALID`
 */
export function checkObject(
  value: unknown,
  where: string,
  advice: string = `Call it first: \`${where}(...)\`.`,
): asserts value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SpillwayError('OPTION_INVALID', `${where} takes an object of options, not ${show(value)}.`)
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new SpillwayError(
      'OPTION_INVALID',
      `${where} takes an object of options, not an instance of a class. ${advice}`,
    )
  }
}

/** One sentence that names the nearest of the known names. */
export function suggest(name: string, known: readonly string[]): string {
  const distance = (other: string) => leven(name.toLowerCase(), other.toLowerCase())
  const [nearest] = [...known].sort((a, b) => distance(a) - distance(b))
  if (nearest !== undefined && distance(nearest) <= Math.max(2, nearest.length / 3))
    return `Did you mean \`${nearest}\`?`
  return `It knows ${known.map((other) => `\`${other}\``).join(', ')}.`
}

/** @throws SpillwayError `OPTION_INVALID` */
export function checkBoolean(value: unknown, option: string): void {
  if (value === undefined || typeof value === 'boolean') return
  throw new SpillwayError('OPTION_INVALID', `\`${option}\` is ${show(value)}: write true or false.`)
}

/**
 * @param of whose option it is, for the message: ` of the rule 'user'`
 * @throws SpillwayError `OPTION_INVALID`
 */
export function checkFunction(value: unknown, option: string, of = ''): void {
  if (value === undefined || typeof value === 'function') return
  throw new SpillwayError('OPTION_INVALID', `\`${option}\`${of} is ${show(value)}: it must be a function.`)
}

/**
 * @param others what it may be as well, for the message
 * @throws SpillwayError `OPTION_INVALID`
 */
export function checkOneOf(value: unknown, choices: readonly string[], option: string, others = ''): void {
  if (value === undefined || choices.includes(value as string)) return
  const list = choices.map((choice) => `'${choice}'`).join(', ')
  throw new SpillwayError('OPTION_INVALID', `\`${option}\` is ${show(value)}: write one of ${list}${others}.`)
}

/** Names of limiters and policies: they stand in headers and in stored keys. */
const NAME = /^[a-z][a-z0-9-]*$/

/** @throws SpillwayError `NAME_INVALID` */
export function checkName(name: unknown, what: string): void {
  if (typeof name === 'string' && NAME.test(name)) return
  const valid = typeof name === 'string' ? kebabCase(name) : ''
  const advice = NAME.test(valid) ? ` Write '${valid}'.` : ''
  throw new SpillwayError(
    'NAME_INVALID',
    `${what} ${show(name)}: a name is lower-case letters, digits and hyphens, beginning with a letter.${advice}`,
  )
}

function kebabCase(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z\d]+/g, '-')
    .toLowerCase()
}
