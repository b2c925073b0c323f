import type { Awaitable } from '../../after.js'
import type { ClientIpOptions } from '../client-ip.js'

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
  /** All of them together, joined without ambiguity; where one finds nothing, nothing. */
  allOf(...extractors: readonly KeyExtractor<R>[]): KeyExtractor<R>
  allOf(...extractors: readonly MaybeKeyExtractor<R>[]): MaybeKeyExtractor<R>
  /** For `when`: whether the request has one of these methods; GET is HEAD too. */
  method(...methods: readonly string[]): (req: R) => boolean
}
