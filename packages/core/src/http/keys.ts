import { type Awaitable, after, all } from '../after.js'
import { SpillwayError, show } from '../errors.js'
import { checkFunction, checkOptions, suggest } from '../options.js'
import { type ClientIpOptions, clientIp } from './client-ip.js'
import type { Reader } from './reader.js'

/** Says who is limited: a string, always. */
export type KeyExtractor<R> = (req: R) => Awaitable<string>

/** May find nothing: belongs into {@link Extractors.firstOf}, before one that always yields. */
export type MaybeKeyExtractor<R> = (req: R) => Awaitable<string | null | undefined>

export interface ApiKeyOptions<R> {
  /** Whether the key is one that you issued. Only keys that verify are an identity. */
  verify: (apiKey: string, req: R) => Awaitable<boolean>
  /** The header it comes in; of `authorization` the part after `Bearer`. @default 'x-api-key' */
  header?: string
}

/** The key extractors of one framework. */
export interface Extractors<R> {
  /**
   * By client address: IPv4 whole, IPv6 by network (/56). Without `trustProxy` it is the address that the framework gives.
   * Yields or throws SpillwayError `CLIENT_IP_UNKNOWN`.
   */
  byIp(options?: ClientIpOptions): KeyExtractor<R>
  /** By an API key that verifies; its digest is the key, so that no secret is stored. */
  byApiKey(options: ApiKeyOptions<R>): MaybeKeyExtractor<R>
  /** By a header's value. Only behind authentication that sets or checks it: a client can write any header by itself. */
  byHeader(name: string): MaybeKeyExtractor<R>
  /**
   * By method and matched pattern, never the raw path; in Express without the mount, of which it keeps no pattern.
   * Throws SpillwayError `ROUTE_UNKNOWN` before a route matched.
   */
  byRoute(): KeyExtractor<R>
  /** One key for all: a limit on the whole. */
  everyone(): KeyExtractor<R>
  /** The first that finds a key, tagged with its place, so that levels never share a key. The last must always yield. */
  firstOf(...extractors: readonly [...MaybeKeyExtractor<R>[], KeyExtractor<R>]): KeyExtractor<R>
  /** All of them together, joined without ambiguity. */
  allOf(...extractors: readonly KeyExtractor<R>[]): KeyExtractor<R>
  /** For `when`: whether the request has one of these methods; GET is HEAD too. */
  method(...methods: readonly string[]): (req: R) => boolean
}

/** Keys up to this length are kept as they are; of longer ones a digest. */
const MAX_KEY_LENGTH = 256

/** Extractors made by `firstOf`, whose keys begin with a level. */
const levelled = new WeakSet<KeyExtractor<never>>()

export function createExtractors<R>(reader: Reader<R>): Extractors<R> {
  /** HEAD runs the handlers of GET. */
  const verb = (req: R) => (reader.method(req) === 'HEAD' ? 'GET' : reader.method(req))

  return {
    byIp(options = {}) {
      const keyOf = clientIp(options)
      const { trustProxy, header = 'x-forwarded-for' } = options
      const warn = proxyWarnings(reader)
      function ownKey(req: R): string | undefined {
        warn(req)
        // What is no address came through a proxy: its clients share a key.
        return keyOf(reader.clientIp(req)) ?? keyOf(reader.peer(req))
      }
      function forwardedKey(req: R): string | undefined {
        return keyOf(reader.peer(req), reader.header(req, header.toLowerCase()))
      }
      const find = trustProxy === undefined ? ownKey : forwardedKey
      return function byIp(req) {
        const key = find(req)
        if (key !== undefined) return key
        throw new SpillwayError(
          'CLIENT_IP_UNKNOWN',
          'byIp() found no client address on this request. Behind a proxy on a Unix socket, or on a platform that only ' +
            "gives a header, write byIp({ trustProxy: 1 }), with `header` when it is not 'x-forwarded-for'; in tests give a `key`.",
        )
      }
    },

    byApiKey(options) {
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
    },

    byHeader(header) {
      const name = headerName(header, 'byHeader')
      return function byHeader(req) {
        return reader.header(req, name) || undefined
      }
    },

    byRoute() {
      return function byRoute(req) {
        const route = reader.route(req)
        if (route !== undefined) return `${verb(req)} ${route}`
        throw new SpillwayError(
          'ROUTE_UNKNOWN',
          'byRoute() ran before a route matched: put the limiter on the route itself, app.get(path, limiter, handler).',
        )
      }
    },

    everyone() {
      return function everyone() {
        return 'everyone'
      }
    },

    firstOf(...extractors) {
      checkExtractors(extractors, 'firstOf')
      function firstOf(req: R): Awaitable<string> {
        return attempt(0)
        function attempt(level: number): Awaitable<string> {
          return after((extractors[level] as MaybeKeyExtractor<R>)(req), (key) => {
            if (typeof key === 'string' && key !== '') return `${level}:${key}`
            if ((key === undefined || key === null) && level < extractors.length - 1)
              return attempt(level + 1)
            throw new SpillwayError(
              'KEY_INVALID',
              `Extractor ${level} of firstOf yielded ${show(key)}: a key is a string that is not empty; ` +
                'undefined passes on to the next, and the last must always yield.',
            )
          })
        }
      }
      levelled.add(firstOf)
      return firstOf
    },

    allOf(...extractors) {
      checkExtractors(extractors, 'allOf')
      return function allOf(req) {
        return after(all(extractors.map((extractor) => () => extractor(req))), (keys) =>
          keys.map((key) => checkKey(key, 'allOf').replace(/[%&]/g, encodeURIComponent)).join('&'),
        )
      }
    },

    method(...methods) {
      const wanted = methods.map(checkMethod)
      if (wanted.length === 0)
        throw new SpillwayError('OPTION_MISSING', "method() needs one: write method('POST', 'PATCH').")
      return function method(req) {
        return wanted.includes(reader.method(req)) || wanted.includes(verb(req))
      }
    },
  }
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY']

function checkMethod(name: unknown): string {
  const upper = String(name).toUpperCase()
  if (METHODS.includes(upper)) return upper
  const advice = `${suggest(upper, METHODS)} For another one write \`(req) => req.method === ...\`.`
  throw new SpillwayError(
    'OPTION_INVALID',
    `method() takes names such as 'POST', not ${show(name)}. ${advice}`,
  )
}

/** The level at which a `firstOf` found this key. */
export function levelOf(extractor: KeyExtractor<never>, key: string): number | undefined {
  return levelled.has(extractor) ? Number(key.slice(0, key.indexOf(':'))) : undefined
}

/** A key as it is stored: whoever can make a header long must not be able to make a key long. */
export function storedKey(key: string): Awaitable<string> {
  if (key.length <= MAX_KEY_LENGTH) return key
  return digest(key)
}

/** @throws SpillwayError `KEY_INVALID` */
export function checkKey(key: unknown, from: string): string {
  if (typeof key === 'string' && key !== '') return key
  throw new SpillwayError(
    'KEY_INVALID',
    `The key from ${from} is ${show(key)}: an extractor yields a string that is not empty; put those that may find nothing into firstOf.`,
  )
}

/** SHA-256 over the UTF-16 code units, so that lone surrogates stay apart, in hex. */
async function digest(text: string): Promise<string> {
  const units = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', units))
  return `sha256:${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

function headerName(name: unknown, where: string): string {
  if (typeof name === 'string' && /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return name.toLowerCase()
  throw new SpillwayError('OPTION_INVALID', `${where} takes a header's name, not ${show(name)}.`)
}

function checkExtractors(extractors: readonly unknown[], where: string): void {
  if (extractors.length > 0 && extractors.every((extractor) => typeof extractor === 'function')) return
  throw new SpillwayError(
    'OPTION_INVALID',
    `${where} takes extractors, such as byIp() or (req) => req.user.id.`,
  )
}

/** Tells once when an address cannot mean what it seems to. */
function proxyWarnings<R>(reader: Reader<R>): (req: R) => void {
  let warned = false
  return (req) => {
    if (warned) return
    const trust = reader.trust(req)
    if (trust === 'all') {
      warn(
        'PROXY_TRUSTS_ALL',
        'the app trusts every proxy, so that clients choose their own address: set its proxy setting to the number of ' +
          'proxies or their subnets, or write byIp({ trustProxy }).',
      )
    } else if (trust === 'none' && forwarded(req) !== undefined) {
      warn(
        'PROXY_UNTRUSTED',
        'a forwarding header arrived while no proxy is trusted: if a proxy sent it, all clients share its address. Write ' +
          "byIp({ trustProxy: 1 }) for one proxy, or use the app's own proxy setting where it has one.",
      )
    }
  }

  function forwarded(req: R): string | undefined {
    return reader.header(req, 'x-forwarded-for') ?? reader.header(req, 'forwarded')
  }

  function warn(code: string, message: string): void {
    warned = true
    console.warn(`spillway: ${message} [${code}]`)
  }
}
