import { clientIp } from '../client-ip.js'
import type { Reader } from '../reader.js'
import type { Extractors } from './extractors.js'
import { ipExtractor, ownIp } from './own-ip.js'

export function createByIp<R>(reader: Reader<R>): Extractors<R>['byIp'] {
  return function byIp(options = {}) {
    const keyOf = clientIp(options)
    const { trustProxy, header = 'x-forwarded-for' } = options
    if (trustProxy === undefined) return ownIp(reader, keyOf)
    return ipExtractor((req) => keyOf(reader.peer(req), reader.header(req, header.toLowerCase())))
  }
}
