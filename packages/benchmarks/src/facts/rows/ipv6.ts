import type { Ask } from '../contender.js'
import { type Fact, inMemory, ofEach } from '../fact.js'

/** The shortest network that is tried. */
const SHORTEST = 32

export const ipv6: Fact = {
  row: 'IPv6 clients by network',
  async try(contender) {
    if (!contender.byAddress) return 'you pass the key'
    return ofEach(inMemory(contender), async (make, stage) => {
      const { ask } = await make.make([{ name: 'ipv6', limit: 1, windowMs: 3_600_000 }], stage)
      let network: number | undefined
      for (let bits = 127; bits >= SHORTEST && (await areOne(ask, bits)); bits--) network = bits
      return network === undefined ? 'no: each address by itself' : `/${network}`
    })
  },
}

/** Whether two addresses that have only their first bits in common, and differ in the next, share a limit of one. */
async function areOne(ask: Ask, bits: number): Promise<boolean> {
  // Other networks for each question, and far from each other's.
  const one = (0x2001n << 112n) | (BigInt(bits) << 97n) | 1n
  const other = one ^ (1n << BigInt(127 - bits))
  await ask(textOf(one))
  return !(await ask(textOf(other))).allowed
}

function textOf(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => (address >> BigInt(112 - 16 * i)) & 0xffffn)
  return groups.map((group) => group.toString(16)).join(':')
}
