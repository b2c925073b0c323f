import { type Awaitable, after } from '../../after.js'
import { SpillwayError, show } from '../../errors.js'
import type { KeyExtractor, MaybeKeyExtractor } from './extractors.js'
import { checkExtractors } from './key.js'

/** Extractors made by `firstOf`, whose keys begin with a level. */
const levelled = new WeakSet<KeyExtractor<never>>()

export function firstOf<R>(
  ...extractors: readonly [...MaybeKeyExtractor<R>[], KeyExtractor<R>]
): KeyExtractor<R> {
  checkExtractors(extractors, 'firstOf')
  function firstOf(req: R): Awaitable<string> {
    return attempt(0)
    function attempt(level: number): Awaitable<string> {
      return after((extractors[level] as MaybeKeyExtractor<R>)(req), (key) => {
        if (typeof key === 'string' && key !== '') return `${level}:${key}`
        if ((key === undefined || key === null) && level < extractors.length - 1) return attempt(level + 1)
        throw new SpillwayError(
          'KEY_INVALID',
          `Extractor ${level} of firstOf yielded ${show(key)}: a key is a string that is not empty; ` +
            'undefined passes on to the next, and the last must always yield.',
        )
      })
    }
  }
  levelled.add(firstOf)
  return firstOf
}

/** The level at which a `firstOf` found this key. */
export function levelOf(extractor: KeyExtractor<never>, key: string): number | undefined {
  return levelled.has(extractor) ? Number(key.slice(0, key.indexOf(':'))) : undefined
}
