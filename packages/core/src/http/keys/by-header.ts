import { SpillwayError, show } from '../../errors.js'
import { isHeaderName } from '../header-name.js'
import type { Reader } from '../reader.js'
import type { Extractors } from './extractors.js'

export function createByHeader<R>(reader: Reader<R>): Extractors<R>['byHeader'] {
  return function byHeader(header) {
    const name = headerName(header, 'byHeader', ": write `byHeader('x-user-id')`")
    return function byHeader(req) {
      return reader.header(req, name) || undefined
    }
  }
}

/** The name as a {@link Reader} asks for it. */
export function headerName(name: unknown, where: string, advice = ''): string {
  if (isHeaderName(name)) return name.toLowerCase()
  throw new SpillwayError('OPTION_INVALID', `${where} takes a header's name, not ${show(name)}${advice}.`)
}
