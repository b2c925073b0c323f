import { after, each } from '../../after.js'
import type { KeyExtractor, MaybeKeyExtractor } from './extractors.js'
import { checkExtractors, checkKey } from './key.js'

export function allOf<R>(...extractors: readonly KeyExtractor<R>[]): KeyExtractor<R>
export function allOf<R>(...extractors: readonly MaybeKeyExtractor<R>[]): MaybeKeyExtractor<R>
export function allOf<R>(...extractors: readonly MaybeKeyExtractor<R>[]): MaybeKeyExtractor<R> {
  checkExtractors(extractors, 'allOf')
  return function allOf(req) {
    return after(
      each(extractors, (extractor) => extractor(req)),
      (keys) => {
        const found = keys.filter((key) => key !== undefined && key !== null)
        const parts = found.map((key) => checkKey(key).replace(/[%&]/g, encodeURIComponent))
        // Who is known in part is somebody else: the next of `firstOf` says who.
        return parts.length === keys.length ? parts.join('&') : undefined
      },
    )
  }
}
