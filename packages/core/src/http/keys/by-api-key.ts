import { after } from '../../after.js'
import { SpillwayError, show } from '../../errors.js'
import { checkFunction, checkOptions } from '../../options.js'
import type { Reader } from '../reader.js'
import { headerName } from './by-header.js'
import type { Extractors } from './extractors.js'
import { digest } from './key.js'

export function createByApiKey<R>(reader: Reader<R>): Extractors<R>['byApiKey'] {
  return function byApiKey(options) {
    checkOptions(options, ['verify', 'header'], 'byApiKey')
    const { verify, header = 'x-api-key' } = options
    if (verify === undefined) {
      throw new SpillwayError(
        'OPTION_MISSING',
        'byApiKey needs `verify`: a key that nobody issued is no identity. Write byApiKey({ verify: (apiKey) => isKnown(apiKey) }).',
      )
    }
    checkFunction(verify, 'verify')
    const name = headerName(header, 'byApiKey')
    return function byApiKey(req) {
      const value = reader.header(req, name)
      const apiKey = name === 'authorization' ? /^bearer +(\S+)$/i.exec(value ?? '')?.[1] : value
      if (!apiKey) return undefined
      return after(verify(apiKey, req), (known) => {
        if (typeof known === 'boolean') return known ? digest(apiKey) : undefined
        throw new SpillwayError(
          'CALLBACK_FAILED',
          `\`verify\` of byApiKey yielded ${show(known)}: it must yield true or false.`,
        )
      })
    }
  }
}
