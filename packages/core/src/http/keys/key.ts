import type { Awaitable } from '../../after.js'
import { SpillwayError, show } from '../../errors.js'

/** Keys up to this length are kept as they are; of longer ones a digest. */
const MAX_KEY_LENGTH = 256

/** A key as it is stored: whoever can make a header long must not be able to make a key long. */
export function storedKey(key: string): Awaitable<string> {
  if (key.length <= MAX_KEY_LENGTH) return key
  return digest(key)
}

/** SHA-256 over the UTF-16 code units, so that lone surrogates stay apart, in hex. */
export async function digest(text: string): Promise<string> {
  const units = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', units))
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/**
 * @param policy whose `key` it is from; without one it is from `allOf`
 * @throws SpillwayError `KEY_INVALID`
 */
export function checkKey(key: unknown, policy?: string): string {
  if (typeof key === 'string' && key !== '') return key
  const from = policy === undefined ? 'allOf' : `\`key\` of '${policy}'`
  const advice =
    typeof key === 'function'
      ? 'call it first, as in `everyone()`'
      : 'an extractor yields a string that is not empty; put those that may find nothing into firstOf'
  throw new SpillwayError('KEY_INVALID', `The key from ${from} is ${show(key)}: ${advice}.`)
}

/** @throws SpillwayError `OPTION_INVALID` */
export function checkExtractors(extractors: readonly unknown[], where: string): void {
  if (extractors.length > 0 && extractors.every((extractor) => typeof extractor === 'function')) return
  throw new SpillwayError(
    'OPTION_INVALID',
    `${where} takes extractors, such as byIp() or (req) => req.user.id.`,
  )
}
