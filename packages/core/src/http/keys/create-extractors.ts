import type { Reader } from '../reader.js'
import { allOf } from './all-of.js'
import { createByApiKey } from './by-api-key.js'
import { createByHeader } from './by-header.js'
import { createByIp } from './by-ip.js'
import { createByRoute } from './by-route.js'
import { everyone } from './everyone.js'
import type { Extractors } from './extractors.js'
import { firstOf } from './first-of.js'
import { createMethod } from './method.js'

/** All of them at once. An adapter that makes each by itself lets a bundler leave out those that an app does not use. */
export function createExtractors<R>(reader: Reader<R>): Extractors<R> {
  return {
    byIp: createByIp(reader),
    byApiKey: createByApiKey(reader),
    byHeader: createByHeader(reader),
    byRoute: createByRoute(reader),
    everyone,
    firstOf,
    allOf,
    method: createMethod(reader),
  }
}
