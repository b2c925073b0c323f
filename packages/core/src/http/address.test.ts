import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { junk } from '../testing/junk.js'
import { addressKey } from './address.js'

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
