import { after, all } from '../../after.js'
import type { KeyExtractor } from './extractors.js'
import { checkExtractors, checkKey } from './key.js'

export function allOf<R>(...extractors: readonly KeyExtractor<R>[]): KeyExtractor<R> {
  checkExtractors(extractors, 'allOf')
  return function allOf(req) {
    return after(all(extractors.map((extractor) => () => extractor(req))), (keys) =>
      keys.map((key) => checkKey(key, 'allOf').replace(/[%&]/g, encodeURIComponent)).join('&'),
    )
  }
}
