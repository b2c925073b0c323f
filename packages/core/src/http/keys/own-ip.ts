import { SpillwayError } from '../../errors.js'
import { addressKey } from '../address.js'
import type { Reader } from '../reader.js'
import type { KeyExtractor } from './extractors.js'
import { proxyWarnings } from './proxy-warnings.js'

/** The address that the framework gives: `byIp()` without `trustProxy`, and the default key. A bundle may need no more. */
export function ownIp<R>(
  reader: Reader<R>,
  keyOf: (address: string | undefined) => string | undefined = addressKey,
): KeyExtractor<R> {
  const warn = proxyWarnings(reader)
  return ipExtractor((req) => {
    warn(req)
    // What is no address came through a proxy: its clients share a key.
    return keyOf(reader.clientIp(req)) ?? keyOf(reader.peer(req))
  })
}

export function ipExtractor<R>(find: (req: R) => string | undefined): KeyExtractor<R> {
  return function byIp(req) {
    const key = find(req)
    if (key !== undefined) return key
    throw new SpillwayError(
      'CLIENT_IP_UNKNOWN',
      'byIp() found no client address on this request. Behind a proxy on a Unix socket, or on a platform that only ' +
        "gives a header, write byIp({ trustProxy: 1 }), with `header` when it is not 'x-forwarded-for'; in tests give a `key`.",
    )
  }
}
