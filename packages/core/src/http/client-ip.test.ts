import { describe, expect, it, test } from 'vitest'
import { type ClientIpOptions, clientIp } from './client-ip.js'

const PROXY = '10.0.0.1'

describe('without trustProxy', () => {
  it('is the key of the address, and believes no header', () => {
    expect(clientIp()('2001:db8::1')).toBe('2001:db8::/56')
    expect(clientIp({ ipv6Subnet: 64 })('2001:db8::1', '1.2.3.4')).toBe('2001:db8::/64')
    expect(clientIp()(undefined, '1.2.3.4')).toBeUndefined()
  })
})

describe('a number of proxies', () => {
  test.each<[number, string | undefined, string | undefined, string | undefined]>([
    [1, PROXY, '1.1.1.1', '1.1.1.1'],
    [1, PROXY, '9.9.9.9, 1.1.1.1', '1.1.1.1'],
    [1, PROXY, '9.9.9.9,1.1.1.1 ', '1.1.1.1'],
    [2, PROXY, '9.9.9.9, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [3, PROXY, '1.1.1.1, 2.2.2.2, 3.3.3.3', '1.1.1.1'],
    [1, PROXY, '[2001:db8::1]:443', '2001:db8::/56'],
    // a shorter chain ends at its first address
    [2, PROXY, '1.1.1.1', '1.1.1.1'],
    [100, PROXY, '1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [1, PROXY, undefined, PROXY],
    [1, PROXY, '', PROXY],
    // no address: the proxy that reported it
    [1, PROXY, 'unknown', PROXY],
    [1, PROXY, '1.1.1.1,', PROXY],
    [1, PROXY, '1.1.1.1, 010.1.1.1', PROXY],
    [2, PROXY, '1.1.1.1, unknown, 2.2.2.2', '2.2.2.2'],
    [2, PROXY, '1.1.1.1, , 2.2.2.2', '2.2.2.2'],
    [2, PROXY, ', 2.2.2.2', '2.2.2.2'],
    [3, PROXY, '1.1.1.1, unknown, 2.2.2.2', '2.2.2.2'],
    // a peer without an address: a unix socket, Workers
    [1, undefined, '1.1.1.1', '1.1.1.1'],
    [2, '', '1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [1, undefined, 'unknown', undefined],
    [1, undefined, undefined, undefined],
  ])('%i, from %s: %j is %s', (trustProxy, peer, header, key) => {
    expect(clientIp({ trustProxy })(peer, header)).toBe(key)
  })
})

describe('subnets', () => {
  test.each<[string | string[], string | undefined, string | undefined, string | undefined]>([
    ['10.0.0.0/8', PROXY, '9.9.9.9, 1.1.1.1', '1.1.1.1'],
    ['10.0.0.0/8', PROXY, '9.9.9.9, 1.1.1.1, 10.9.9.9', '1.1.1.1'],
    ['10.255.0.9/8', PROXY, '1.1.1.1', '1.1.1.1'],
    ['10.0.0.1', PROXY, '1.1.1.1, 10.0.0.2', '10.0.0.2'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', '1.1.1.1, ::FFFF:a00:2', '1.1.1.1'],
    ['::ffff:10.0.0.0/104', PROXY, '1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['::ffff:10.0.0.1', PROXY, '1.1.1.1, 10.0.0.2', '10.0.0.2'],
    ['2001:db8::/32', '2001:db8:1::1', '1.1.1.1, [2001:db8:2::1]:80', '1.1.1.1'],
    [['10.0.0.1', '192.0.2.0/24'], PROXY, '1.1.1.1, 192.0.2.7', '1.1.1.1'],
    ['loopback', '127.0.0.1', '1.1.1.1, ::1', '1.1.1.1'],
    ['linklocal', '169.254.1.1', '1.1.1.1, fe80::1%eth0', '1.1.1.1'],
    [['loopback', 'uniquelocal'], '::1', '1.1.1.1, fd00::1, 172.31.0.1, 192.168.1.1, 10.1.1.1', '1.1.1.1'],
    // all are trusted: the leftmost
    ['10.0.0.0/8', PROXY, '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['10.0.0.0/8', PROXY, undefined, PROXY],
    // the peer is no proxy: its header is its own invention
    ['10.0.0.0/8', '1.1.1.1', '9.9.9.9', '1.1.1.1'],
    ['::/1', '1.1.1.1', '9.9.9.9', '1.1.1.1'],
    ['10.0.0.0/8', undefined, '1.1.1.1', undefined],
    ['10.0.0.0/8', 'unix', '1.1.1.1', undefined],
    // no address: the proxy that reported it
    ['10.0.0.0/8', PROXY, '1.1.1.1, unknown', PROXY],
    ['10.0.0.0/8', PROXY, '1.1.1.1, _hidden, 10.0.0.2', '10.0.0.2'],
  ])('%j, from %s: %j is %s', (trustProxy, peer, header, key) => {
    expect(clientIp({ trustProxy })(peer, header)).toBe(key)
  })

  it('ends after 100 entries', () => {
    const header = Array.from({ length: 200 }, (_, at) => `10.0.1.${199 - at}`).join()
    expect(clientIp({ trustProxy: '10.0.0.0/8' })(PROXY, header)).toBe('10.0.1.99')
  })
})

it("reads a proxy's own header", () => {
  const key = clientIp({ trustProxy: 1, header: 'cf-connecting-ip' })
  expect(key(undefined, '2001:db8::1')).toBe('2001:db8::/56')
  expect(key(PROXY, 'for=1.1.1.1')).toBe(PROXY)
})

describe('options', () => {
  const everyHop =
    'trusting every hop lets clients choose their address: write the number of proxies, or their subnets.'
  const howToTrust =
    "write the number of proxies (1 to 100) or their subnets ('10.0.0.0/8', '192.0.2.7', 'loopback', " +
    "'linklocal', 'uniquelocal'), or leave it out where there is no proxy."
  const bits = 'write a number of bits from 1 to 128, such as 56 or 64.'
  const name = "write the name of one header, such as 'x-forwarded-for'."

  test.each<[unknown, string, string]>([
    [{ trustProxy: true }, 'OPTION_INVALID', `\`trustProxy\` is true: ${everyHop}`],
    [{ trustProxy: '0.0.0.0/0' }, 'OPTION_INVALID', `\`trustProxy\` is "0.0.0.0/0": ${everyHop}`],
    [{ trustProxy: ['loopback', '::/0'] }, 'OPTION_INVALID', `\`trustProxy\` is "::/0": ${everyHop}`],
    [{ trustProxy: '::ffff:0:0/96' }, 'OPTION_INVALID', `\`trustProxy\` is "::ffff:0:0/96": ${everyHop}`],
    [{ trustProxy: [] }, 'OPTION_INVALID', `\`trustProxy\` is an empty list: ${howToTrust}`],
    ...[0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 101, false, null].map(
      (value): [unknown, string, string] => [
        { trustProxy: value },
        'OPTION_INVALID',
        `\`trustProxy\` is ${value}: ${howToTrust}`,
      ],
    ),
    ...[
      '',
      '1',
      'all',
      'toString',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      '10.0.0.0/255.0.0.0',
      '10.0.0/8',
      '010.0.0.0/8',
      '2001:db8::/129',
      '::ffff:10.0.0.0/8',
      '::ffff:10.0.0.0/129',
      '10.0.0.0/8, 192.168.0.0/16',
      'proxy.example.org',
    ].flatMap((value): [unknown, string, string][] => {
      const message = `\`trustProxy\` is "${value}": ${howToTrust}`
      return [
        [{ trustProxy: value }, 'OPTION_INVALID', message],
        [{ trustProxy: ['10.0.0.1', value] }, 'OPTION_INVALID', message],
      ]
    }),
    [{ trustProxy: [1] }, 'OPTION_INVALID', `\`trustProxy\` is 1: ${howToTrust}`],
    [
      { header: 'forwarded' },
      'OPTION_MISSING',
      '`header` is "forwarded", but no proxy is trusted to write it: ' +
        'write `trustProxy` too, the number of proxies or their subnets.',
    ],
    [{ trustProxy: 1, header: '' }, 'OPTION_INVALID', `\`header\` is "": ${name}`],
    [{ trustProxy: 1, header: 'a, b' }, 'OPTION_INVALID', `\`header\` is "a, b": ${name}`],
    [{ trustProxy: 1, header: ['a'] }, 'OPTION_INVALID', `\`header\` is an array: ${name}`],
    ...[0, 129, -1, 56.5, Number.NaN, null].map((value): [unknown, string, string] => [
      { ipv6Subnet: value },
      'OPTION_INVALID',
      `\`ipv6Subnet\` is ${value}: ${bits}`,
    ]),
    [{ ipv6Subnet: '64' }, 'OPTION_INVALID', `\`ipv6Subnet\` is "64": ${bits}`],
    [{ trustProxies: 1 }, 'OPTION_UNKNOWN', 'byIp has no option `trustProxies`. Did you mean `trustProxy`?'],
    [null, 'OPTION_INVALID', 'byIp takes an object of options, not null.'],
    [1, 'OPTION_INVALID', 'byIp takes an object of options, not 1.'],
  ])('%j is %s', (options, code, message) => {
    expect(() => clientIp(options as ClientIpOptions)).toThrow(
      expect.objectContaining({ code, message: `${message} [${code}]` }),
    )
  })
})
