import { SpillwayError, show } from '../../errors.js'
import { suggest } from '../../options.js'
import type { Reader } from '../reader.js'
import type { Extractors } from './extractors.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']

export function createMethod<R>(reader: Reader<R>): Extractors<R>['method'] {
  return function method(...methods) {
    const wanted = methods.map(checkMethod)
    if (wanted.length === 0)
      throw new SpillwayError('OPTION_MISSING', "method() needs one: write method('POST', 'PATCH').")
    return function method(req) {
      return wanted.includes(reader.method(req)) || wanted.includes(handledMethod(reader, req))
    }
  }
}

/** HEAD runs the handlers of GET. */
export function handledMethod<R>(reader: Reader<R>, req: R): string {
  const method = reader.method(req)
  return method === 'HEAD' ? 'GET' : method
}

function checkMethod(name: unknown): string {
  const upper = String(name).toUpperCase()
  if (METHODS.includes(upper)) return upper
  const advice = `${suggest(upper, METHODS)} For another one write \`(req) => req.method === ...\`.`
  throw new SpillwayError(
    'OPTION_INVALID',
    `method() takes names such as 'POST', not ${show(name)}. ${advice}`,
  )
}
