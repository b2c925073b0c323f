import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Of an IPv6 address, the bits that are one client's network. */
export const IPV6_SUBNET = 56

/** Four decimal parts: no octal, hexadecimal or short forms, so that one address has one text. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** What may stand around an address: quotes, brackets, a zone, a port (in RFC 7239 also `_hidden`). */
const BRACKETED = /^"?\[([\da-f:.]{2,45})(?:%[^\]]*)?\](?::(?:\d+|_[\w.-]+))?"?$/i
const BARE = /^"?(?:([\d.]{7,15}):(?:\d+|_[\w.-]+)|([\da-f:.]{2,45})(?:%[^"]*)?)"?$/i

const IPV4_MAPPED = /* @__PURE__ */ ipaddr.IPv6.parseCIDR('::ffff:0:0/96')

/**
 * The key of an address: IPv4 dotted, also when mapped into IPv6; IPv6 as its network, `2001:db8::/56`
 * (a single address ends in `/128`). At most 43 characters; `undefined` when it is no address.
 */
export function addressKey(
  address: string | undefined,
  ipv6Subnet: number = IPV6_SUBNET,
): string | undefined {
  const ipv4 = dotted(address)
  if (ipv4 !== undefined) return ipv4
  const parsed = parseAddress(address)
  return parsed && keyOf(parsed, ipv6Subnet)
}

/** The key of a parsed address. */
export function keyOf(address: Address, ipv6Subnet: number): string {
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

/** Reads an address as proxies and sockets write it; `undefined` when it is none. */
export function parseAddress(text: string | undefined): Address | undefined {
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
