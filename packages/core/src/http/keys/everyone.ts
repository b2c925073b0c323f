import type { KeyExtractor } from './extractors.js'

export function everyone<R>(): KeyExtractor<R> {
  return function everyone() {
    return 'everyone'
  }
}
