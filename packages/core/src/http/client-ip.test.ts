import * as fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { addressKey } from './address.js'
import { type ClientIpOptions, clientIp } from './client-ip.js'

const PROXY = '10.0.0.1'

/** Text made of what the parsers look for, so that it comes near to everything they accept. */
const junk = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...'"\\,;=:[]%. \n_'),
        fc.constantFrom(...'for= For=" :: 0 ffff 0x7f 010 256 unknown 9.9.9.9 ::ffff: ::1 :80'.split(' ')),
        fc.ipV4Extended(),
        fc.ipV6(),
      ),
      { maxLength: 12 },
    )
    .map((tokens) => tokens.join('')),
)

const parts = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })

/** A random number below `sides`, by which a property picks among spellings. */
const dice = fc.infiniteStream(fc.nat(0xffff)).map((stream) => (sides: number) => {
  return (stream.next().value ?? 0) % sides
})

const plain = (address: readonly number[]) => address.map((part) => part.toString(16)).join(':')

const isMapped = (address: readonly number[]) => /^(0:){5}ffff:/.test(plain(address))

/** One of the many ways to write an IPv6 address. */
function spell(address: readonly number[], roll: (sides: number) => number): string {
  const groups = address.map((part) => {
    const hex = part.toString(16).padStart(1 + roll(4), '0')
    return roll(2) ? hex.toUpperCase() : hex
  })
  if (roll(2)) {
    const [high = 0, low = 0] = address.slice(6)
    groups.splice(6, 2, [high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  const start = roll(8)
  let zeros = 0
  while (start + zeros < 8 && Number(`0x${groups[start + zeros]}`) === 0) zeros++
  const left = roll(zeros + 1)
  const [head, tail] = [groups.slice(0, start), groups.slice(start + left)]
  const text = left > 0 ? `${head.join(':')}::${tail.join(':')}` : groups.join(':')
  const zone = ['', '%eth0', '%1', '%25en-0.1'][roll(4)]
  const wrapped = [`${text}${zone}`, `[${text}${zone}]`, `[${text}${zone}]:443`, `[${text}${zone}]:_p`][
    roll(4)
  ]
  return [wrapped, ` ${wrapped}\t`, `"${wrapped}"`, ` "${wrapped}"`][roll(4)] ?? ''
}

describe('addressKey', () => {
  test.each([
    // IPv4, in itself and mapped into IPv6
    ['203.0.113.7', '203.0.113.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['1.2.3.4:5678', '1.2.3.4'],
    ['1.2.3.4:_hidden', '1.2.3.4'],
    ['"1.2.3.4:5678"', '1.2.3.4'],
    [' \t1.2.3.4 ', '1.2.3.4'],
    ['[1.2.3.4]:80', '1.2.3.4'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:0102:0304', '1.2.3.4'],
    ['0::FfFf:1.2.3.4', '1.2.3.4'],
    ['::ffff:1.2.3.4%eth0', '1.2.3.4'],
    ['[::ffff:1.2.3.4%1]:443', '1.2.3.4'],
    // IPv6
    ['2001:db8::1', '2001:db8::/56'],
    ['2001:0DB8:0:00:000:0000:0:1', '2001:db8::/56'],
    ['2001:db8:0:ff::', '2001:db8::/56'],
    ['2001:db8:0:100::', '2001:db8:0:100::/56'],
    ['[2001:db8::1]:443', '2001:db8::/56'],
    ['"[2001:db8:cafe::17]:4711"', '2001:db8:cafe::/56'],
    ['"[2001:db8::1]:_port"', '2001:db8::/56'],
    ['[2001:db8::1]', '2001:db8::/56'],
    ['fe80::1%eth0', 'fe80::/56'],
    ['fe80::1%25en.0-1', 'fe80::/56'],
    ['::', '::/56'],
    ['::1', '::/56'],
    // neither of these is mapped, whatever it looks like
    ['::1.2.3.4', '::/56'],
    ['::ffff:0:1.2.3.4', '::/56'],
    ['64:ff9b::1.2.3.4', '64:ff9b::/56'],
  ])('%s is %s', (address, key) => {
    expect(addressKey(address, 56)).toBe(key)
  })

  test.each([
    undefined,
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    '127.1',
    '2130706433',
    '010.1.1.1',
    '1.2.3.04',
    '0x7f.0.0.1',
    '0x7f.1',
    '1.2.3.256',
    '1.2.3',
    '1.2.3.4.',
    '.1.2.3.4',
    '1.2.3.4.5',
    '1.2.3.4\n5',
    '1.2.3.4:',
    '1.2.3.4:x',
    '1.2.3.4, 5.6.7.8',
    '::ffff:010.1.1.1',
    '::0x7f.0.0.1',
    '::ffff:1.2.3',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:1.2.3.4',
    '12345::',
    'g::',
    '[2001:db8::1',
    '2001:db8::1]:443',
    '[]',
    '[]:80',
    '%eth0',
    '2001:db8::1/64',
  ])('%j is no address', (address) => {
    expect(addressKey(address, 56)).toBeUndefined()
  })

  test.each([
    [1, '8000::/1'],
    [16, 'ffff::/16'],
    [20, 'ffff:f000::/20'],
    [56, 'ffff:ffff:ffff:ff00::/56'],
    [64, 'ffff:ffff:ffff:ffff::/64'],
    [127, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127'],
    [128, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'],
  ])('groups IPv6 by %i bits', (bits, key) => {
    expect(addressKey('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', bits)).toBe(key)
    expect(addressKey('1.2.3.4', bits)).toBe('1.2.3.4')
  })

  it('gives one key to every spelling of every address of a network', () => {
    fc.assert(
      fc.property(parts, parts, fc.integer({ min: 1, max: 128 }), dice, (address, other, bits, roll) => {
        const neighbour = address.map((part, at) => {
          const hostMask = 0xffff >> Math.min(16, Math.max(0, bits - 16 * at))
          return (part & ~hostMask) | ((other[at] ?? 0) & hostMask)
        })
        fc.pre(!isMapped(address) && !isMapped(neighbour))
        const key = addressKey(plain(address), bits)
        expect(key).toMatch(new RegExp(`^[0-9a-f:]+/${bits}$`))
        expect(addressKey(spell(address, roll), bits)).toBe(key)
        expect(addressKey(spell(neighbour, roll), bits)).toBe(key)
      }),
      { numRuns: 2000 },
    )
  })

  it('gives one key to every spelling of an IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), dice, (address, roll) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const mapped = [0, 0, 0, 0, 0, 0xffff, a * 256 + b, c * 256 + d]
        expect(addressKey(spell(mapped, roll), 56)).toBe(address)
      }),
    )
  })

  it('keeps networks apart', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 128 }), fc.nat(127), (address, bits, bit) => {
        fc.pre(bit < bits)
        const stranger = address.map((part, at) => (at === bit >> 4 ? part ^ (0x8000 >> (bit & 15)) : part))
        expect(addressKey(plain(stranger), bits)).not.toBe(addressKey(plain(address), bits))
      }),
    )
  })

  it('takes any text, and keeps keys short', () => {
    fc.assert(
      fc.property(junk, fc.integer({ min: 1, max: 128 }), (text, bits) => {
        expect(addressKey(text, bits)?.length ?? 0).toBeLessThanOrEqual(43)
      }),
      { numRuns: 2000 },
    )
  })
})

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

it("reads a proxy's own header", () => {
  const key = clientIp({ trustProxy: 1, header: 'cf-connecting-ip' })
  expect(key(undefined, '2001:db8::1')).toBe('2001:db8::/56')
  expect(key(PROXY, 'for=1.1.1.1')).toBe(PROXY)
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
