import { SpillwayError } from '../../errors.js'
import type { Reader } from '../reader.js'
import type { Extractors } from './extractors.js'
import { handledMethod } from './method.js'

export function createByRoute<R>(reader: Reader<R>): Extractors<R>['byRoute'] {
  return function byRoute() {
    return function byRoute(req) {
      const route = reader.route(req)
      if (route !== undefined) return `${handledMethod(reader, req)} ${route}`
      throw new SpillwayError(
        'ROUTE_UNKNOWN',
        'byRoute() ran before a route matched: put the limiter on the route itself, app.get(path, limiter, handler).',
      )
    }
  }
}
