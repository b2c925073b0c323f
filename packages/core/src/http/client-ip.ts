import ipaddr from 'ipaddr.js'
import { SpillwayError, show } from '../errors.js'
import { checkOptions } from '../options.js'

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

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** No chain of proxies is longer; a header may be. */
const MAX_HOPS = 100

/** Four decimal parts: no octal, hexadecimal or short forms, so that one address has one text. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** What may stand around an address: quotes, brackets, a zone, a port (RFC 7239 lets a proxy hide it: `_name`). */
const BRACKETED = /^"?\[([\da-f:.]{2,45})(?:%[^\]]*)?\](?::(?:\d+|_[\w.-]+))?"?$/i
const BARE = /^"?(?:([\d.]{7,15}):(?:\d+|_[\w.-]+)|([\da-f:.]{2,45})(?:%[^"]*)?)"?$/i

const IPV4_MAPPED = ipaddr.IPv6.parseCIDR('::ffff:0:0/96')

const NAMED_SUBNETS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1']],
  ['linklocal', ['169.254.0.0/16', 'fe80::/10']],
  ['uniquelocal', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7']],
])

/**
 * Prepares the function that turns the peer's address and the value of the proxies' header (several lines
 * joined by commas) into the client's key. It walks from the peer to the left as far as it trusts; at an entry
 * that is no address it stays with the proxy that reported it, so that no such text makes a key of its own.
 * Without `trustProxy` it is the key of the address given.
 * @throws SpillwayError `OPTION_INVALID`, `OPTION_MISSING`, `OPTION_UNKNOWN`
 */
export function clientIp(
  options: ClientIpOptions = {},
): (peer: string | undefined, headerValue?: string) => string | undefined {
  checkOptions(options, ['trustProxy', 'header', 'ipv6Subnet'], 'byIp')
  const { trustProxy, header, ipv6Subnet = 56 } = options
  if (!Number.isInteger(ipv6Subnet) || ipv6Subnet < 1 || ipv6Subnet > 128) {
    throw invalid('ipv6Subnet', show(ipv6Subnet), 'write a number of bits from 1 to 128, such as 56 or 64')
  }
  if (header !== undefined && (typeof header !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(header))) {
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
    let client = parse(peer)
    for (let hop = 0; hop < MAX_HOPS && trusts(client, hop); hop++) {
      const entry = parse(entries.next().value)
      if (entry === undefined) break
      client = entry
    }
    return client && keyOf(client, ipv6Subnet)
  }
}

/**
 * The key of an address: IPv4 dotted, also when mapped into IPv6; IPv6 as its network, `2001:db8::/56`
 * (a single address ends in `/128`). At most 43 characters; `undefined` when it is no address.
 */
export function addressKey(address: string | undefined, ipv6Subnet: number): string | undefined {
  const ipv4 = dotted(address)
  if (ipv4 !== undefined) return ipv4
  const parsed = parse(address)
  return parsed && keyOf(parsed, ipv6Subnet)
}

function keyOf(address: Address, ipv6Subnet: number): string {
  if (address instanceof ipaddr.IPv4) return address.toString()
  const network = address.parts.map((part, at) => {
    const hostBits = Math.min(16, Math.max(0, 16 * (at + 1) - ipv6Subnet))
    return (part >> hostBits) << hostBits
  })
  return `${new ipaddr.IPv6(network)}/${ipv6Subnet}`
}

/** The short way for IPv4, plain or as dual-stack sockets write it. */
function dotted(text: string | undefined): string | undefined {
  const ipv4 = text?.startsWith('::ffff:') ? text.slice(7) : text
  return ipv4 !== undefined && IPV4.test(ipv4) ? ipv4 : undefined
}

function unwrap(text: string): string {
  if (IPV4.test(text)) return text
  const match = BRACKETED.exec(text) ?? BARE.exec(text)
  return match?.[1] ?? match?.[2] ?? ''
}

function parse(text: string | undefined): Address | undefined {
  const address = unwrap(text?.trim() ?? '')
  const ipv4 = dotted(address)
  if (ipv4 !== undefined) return new ipaddr.IPv4(ipv4.split('.').map(Number))
  const last = address.slice(address.lastIndexOf(':') + 1)
  if (last.includes('.') && !IPV4.test(last)) return undefined
  try {
    // ipaddr.js takes `::1.2.3.4` for IPv4-mapped; `0::1.2.3.4` it reads as the bits say.
    const ipv6 = ipaddr.IPv6.parse(address === `::${last}` ? `0${address}` : address)
    return ipv6.match(IPV4_MAPPED) ? new ipaddr.IPv4(ipv6.toByteArray().slice(12)) : ipv6
  } catch {
    return undefined
  }
}

/** The entries of a list from the right, none read before it is asked for. */
function* listEntries(header: string): Generator<string, undefined> {
  for (let end = header.length; end >= 0; ) {
    const comma = end > 0 ? header.lastIndexOf(',', end - 1) : -1
    yield header.slice(comma + 1, end)
    end = comma
  }
}

/**
 * The `for` parameters of RFC 7239 from the right; an element with none, or with two, gives ''. From this side
 * a quote closes before it opens, so one that the client left open cannot swallow what a proxy appended.
 */
function* forwardedEntries(header: string): Generator<string, undefined> {
  let found: string | undefined
  let quoted = false
  for (let end = header.length, at = end - 1; at >= -1; at--) {
    const char = header[at] ?? ','
    if (char === '"' && !(quoted && isEscaped(header, at))) quoted = !quoted
    if (quoted || (char !== ',' && char !== ';')) continue
    const [, value] = /^\s*for\s*=(.*)$/is.exec(header.slice(at + 1, end)) ?? []
    if (value !== undefined) found = found === undefined ? value.replace(/\\(.)/g, '$1') : ''
    end = at
    if (char === ';') continue
    yield found ?? ''
    found = undefined
  }
}

function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}

const EVERY_HOP =
  'trusting every hop lets clients choose their address: write the number of proxies, or their subnets'
const HOW_TO_TRUST = `write the number of proxies (1 to ${MAX_HOPS}) or their subnets ('10.0.0.0/8', '192.0.2.7', \
'loopback', 'linklocal', 'uniquelocal'), or leave it out where there is no proxy`

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
  const address = parse(base)
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
