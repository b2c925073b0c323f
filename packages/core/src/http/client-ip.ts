import ipaddr from 'ipaddr.js'
import { SpillwayError, show } from '../errors.js'
import { checkOptions } from '../options.js'
import { type Address, addressKey, IPV6_SUBNET, keyOf, parseAddress } from './address.js'
import { forwardedEntries, listEntries } from './forwarded.js'
import { isHeaderName } from './header-name.js'

export interface ClientIpOptions {
  /**
   * The proxies between the client and this server: how many, or their subnets (CIDR, a single address,
   * or `'loopback'`, `'linklocal'`, `'uniquelocal'` as Express names them).
   */
  trustProxy?: number | string | readonly string[]
  /**
   * The header that the proxies write: `'x-forwarded-for'`, `'forwarded'` (RFC 7239) or one of their own such
   * as `'cf-connecting-ip'`. Needs `trustProxy`.
   * @default 'x-forwarded-for'
   */
  header?: string
  /** IPv6 clients are one key per network of this many bits, 1 to 128. @default 56 */
  ipv6Subnet?: number
}

/** No chain of proxies is longer; a header may be. */
const MAX_HOPS = 100

const NAMED_SUBNETS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['linklocal', ['169.254.0.0/16', 'fe80::/10']],
  ['uniquelocal', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
])

/**
 * Prepares the function that turns the peer's address and the value of the proxies' header (several lines
 * joined by commas) into the client's key. It walks from the peer to the left as far as it trusts; at an
 * entry that is no address it stays with the proxy that reported it, so no such text is a key of its own.
 * Without `trustProxy` it is the key of the address given.
 * @throws SpillwayError `OPTION_INVALID`, `OPTION_MISSING`, `OPTION_UNKNOWN`
 */
export function clientIp(
  options: ClientIpOptions = {},
): (peer: string | undefined, headerValue?: string) => string | undefined {
  checkOptions(options, ['trustProxy', 'header', 'ipv6Subnet'], 'byIp')
  const { trustProxy, header, ipv6Subnet = IPV6_SUBNET } = options
  if (!Number.isInteger(ipv6Subnet) || ipv6Subnet < 1 || ipv6Subnet > 128) {
    throw invalid('ipv6Subnet', show(ipv6Subnet), 'write a number of bits from 1 to 128, such as 56 or 64')
  }
  if (header !== undefined && !isHeaderName(header)) {
    throw invalid('header', show(header), "write the name of one header, such as 'x-forwarded-for'")
  }
  if (trustProxy === undefined) {
    if (header !== undefined) {
      const advice = 'write `trustProxy` too, the number of proxies or their subnets'
      const message = `\`header\` is ${show(header)}, but no proxy is trusted to write it: ${advice}.`
      throw new SpillwayError('OPTION_MISSING', message)
    }
    return function clientKey(peer) {
      return addressKey(peer, ipv6Subnet)
    }
  }

  const trusts = trust(trustProxy)
  const entriesOf = header?.toLowerCase() === 'forwarded' ? forwardedEntries : listEntries
  return function clientKey(peer, headerValue = '') {
    const entries = entriesOf(headerValue)
    let client = parseAddress(peer)
    for (let hop = 0; hop < MAX_HOPS && trusts(client, hop); hop++) {
      const entry = parseAddress(entries.next().value)
      if (entry === undefined) break
      client = entry
    }
    return client && keyOf(client, ipv6Subnet)
  }
}

const EVERY_HOP =
  'trusting every hop lets clients choose their address: write the number of proxies, or their subnets'
const HOW_TO_TRUST =
  `write the number of proxies (1 to ${MAX_HOPS}) or their subnets ('10.0.0.0/8', '192.0.2.7', ` +
  "'loopback', 'linklocal', 'uniquelocal'), or leave it out where there is no proxy"

/** Whether to believe what an address, so many hops away, reports about the one before it. */
function trust(trustProxy: unknown): (address: Address | undefined, hop: number) => boolean {
  if (typeof trustProxy === 'number' && Number.isInteger(trustProxy)) {
    if (trustProxy >= 1 && trustProxy <= MAX_HOPS) return (_, hop) => hop < trustProxy
  }
  const list: readonly unknown[] = Array.isArray(trustProxy) ? trustProxy : [trustProxy]
  if (list.length === 0) throw invalid('trustProxy', 'an empty list', HOW_TO_TRUST)
  const subnets = list.flatMap((entry): readonly unknown[] => NAMED_SUBNETS.get(entry) ?? [entry]).map(subnet)
  return (address) =>
    subnets.some(([base, bits]) => address?.kind() === base.kind() && address.match(base, bits))
}

function subnet(text: unknown): [base: Address, bits: number] {
  const [, base, prefix] = (typeof text === 'string' && /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text)) || []
  const address = parseAddress(base)
  const size = address instanceof ipaddr.IPv4 ? 32 : 128
  // The prefix of an IPv4-mapped base counts the 96 bits before the IPv4 address.
  const skipped = size === 32 && base?.includes(':') ? 96 : 0
  const bits = prefix === undefined ? size : Number(prefix) - skipped
  if (text === true || (address && bits === 0)) throw invalid('trustProxy', show(text), EVERY_HOP)
  if (!address || bits < 0 || bits > size) throw invalid('trustProxy', show(text), HOW_TO_TRUST)
  return [address, bits]
}

function invalid(option: keyof ClientIpOptions, shown: string, advice: string): SpillwayError {
  return new SpillwayError('OPTION_INVALID', `\`${option}\` is ${shown}: ${advice}.`)
}
