import type { Reader } from '../reader.js'

/** Tells once when an address cannot mean what it seems to. */
export function proxyWarnings<R>(reader: Reader<R>): (req: R) => void {
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
