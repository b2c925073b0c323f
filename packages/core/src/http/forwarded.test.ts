import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { junk } from '../testing/junk.js'
import { addressKey } from './address.js'
import { clientIp } from './client-ip.js'

const PROXY = '10.0.0.1'

describe('forwarded', () => {
  test.each<[number, string, string | undefined]>([
    [1, 'for=1.1.1.1', '1.1.1.1'],
    [1, 'For=9.9.9.9, FOR="1.1.1.1:4711";proto=https', '1.1.1.1'],
    [1, 'by=10.0.0.1;for="[2001:db8:cafe::17]:4711" ; host=example.org', '2001:db8:cafe::/56'],
    [1, 'for=[2001:db8::1]', '2001:db8::/56'],
    [1, 'for="\\1\\.1.1.1"', '1.1.1.1'],
    [2, 'for=1.1.1.1;proto=http, for=2.2.2.2;by="_x"', '1.1.1.1'],
    [2, 'for=1.1.1.1,for=2.2.2.2', '1.1.1.1'],
    // separators and quotes within quotes
    [1, 'for=1.1.1.1;host="a,for=9.9.9.9;for=8.8.8.8"', '1.1.1.1'],
    [1, 'host="\\",for=9.9.9.9,x=\\"";for=1.1.1.1', '1.1.1.1'],
    [1, 'for=1.1.1.1;host="\\", for=9.9.9.9; x=\\""', '1.1.1.1'],
    [1, 'for=1.1.1.1;host="a\\\\"', '1.1.1.1'],
    [1, 'for=1.1.1.1;host="a\\"', '1.1.1.1'],
    [2, 'for=1.1.1.1;host="a\\\\\\",b", for=2.2.2.2;host=""', '1.1.1.1'],
    // a quote that the client left open
    [1, 'for="9.9.9.9, for=1.1.1.1', '1.1.1.1'],
    [1, 'for=9.9.9.9;x="\\, for="1.1.1.1"', '1.1.1.1'],
    [2, 'x=", for=1.1.1.1;host="b", for=2.2.2.2', '1.1.1.1'],
    // no address: the proxy that reported it
    [1, 'for=9.9.9.9, for=unknown', PROXY],
    [1, 'for=9.9.9.9, for="_gazonk"', PROXY],
    [1, 'for=9.9.9.9, proto=https', PROXY],
    [1, 'for=9.9.9.9, for=', PROXY],
    [1, 'for=9.9.9.9, for=1.1.1.1;for=2.2.2.2', PROXY],
    [1, 'for=9.9.9.9, xfor=1.1.1.1', PROXY],
    [1, 'for=9.9.9.9, 1.1.1.1', PROXY],
    [1, 'for=9.9.9.9;x=a"', PROXY],
    [1, '', PROXY],
    [2, 'for=9.9.9.9, for=secret, for=2.2.2.2', '2.2.2.2'],
  ])('%i: %s is %s', (trustProxy, header, key) => {
    expect(clientIp({ trustProxy, header: 'Forwarded' })(PROXY, header)).toBe(key)
  })

  it('knows subnets', () => {
    const key = clientIp({ trustProxy: 'uniquelocal', header: 'forwarded' })
    expect(key(PROXY, 'for=9.9.9.9, for=1.1.1.1, for="10.0.0.2:80"')).toBe('1.1.1.1')
  })
})

describe('whatever a client writes', () => {
  const proxies = fc.tuple(fc.nat(255), fc.nat(255)).map(([c, d]) => `10.0.${c}.${d}`)
  const clients = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .filter((address) => !addressKey(address, 56)?.startsWith('10.'))
  const hosts = fc.oneof(fc.string(), fc.constantFrom('",for=9.9.9.9', 'a,b;for=9.9.9.9', '\\', '\\"'))
  const writers: Record<string, (address: string, host: string) => string> = {
    'x-forwarded-for': (address) => address,
    forwarded: (address, host) =>
      `for="${address.includes(':') ? `[${address}]` : address}";host="${host.replace(/["\\]/g, '\\$&')}"`,
  }

  test.each(Object.entries(writers))('%s: the proxies that append decide', (header, write) => {
    const direct = clientIp({ trustProxy: 1, header })
    const behind = clientIp({ trustProxy: 2, header })
    const subnets = clientIp({ trustProxy: '10.0.0.0/16', header })
    fc.assert(
      fc.property(junk, clients, proxies, hosts, (prefix, client, proxy, host) => {
        const key = addressKey(client, 56)
        const [first, second] = [write(client, host), write(proxy, host)]
        expect(direct(PROXY, `${prefix}, ${first}`)).toBe(key)
        expect(behind(PROXY, `${prefix}, ${first}, ${second}`)).toBe(key)
        expect(subnets(PROXY, `${prefix}, ${first}`)).toBe(key)
        expect(subnets(PROXY, `${prefix}, ${first}, ${second}`)).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  const every = (['x-forwarded-for', 'forwarded', 'x-real-ip'] as const).flatMap((header) =>
    ([1, 2, 100, ['0.0.0.0/1', '128.0.0.0/1', '::/1']] as const).map((trustProxy) =>
      clientIp({ trustProxy, header, ipv6Subnet: 128 }),
    ),
  )

  it('never throws, and keeps keys short', () => {
    fc.assert(
      fc.property(junk, junk, (peer, header) => {
        for (const key of every) expect(key(peer, header)?.length ?? 0).toBeLessThanOrEqual(43)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    'a',
    ' ',
    ',',
    ';',
    '"',
    '\\"',
    '\\',
    '1',
    ':',
    '1:',
    '1.',
    '%',
    '[',
    '10.0.0.1,',
    'for=10.0.0.1,',
    'for=1;',
    'for="',
    'for="\\',
    'for =',
  ])('reads a megabyte of %j quickly', (text) => {
    const header = text.repeat(2 ** 20 / text.length)
    const start = performance.now()
    for (const key of every) {
      key(PROXY, header)
      expect(key(undefined, `${header}, unknown`)).toBeUndefined()
    }
    addressKey(header, 56)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
