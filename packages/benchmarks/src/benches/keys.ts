/** Made beforehand, so that nobody's time or memory has the making of a key in it. */
export function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `user:${100_000 + i}`)
}

/** The same for everybody: draws from `keys`, by a generator with a fixed seed. */
export function randomSequence(keys: readonly string[], length: number): string[] {
  let state = 0x9e3779b9
  return Array.from({ length }, () => {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return keys[(state >>> 0) % keys.length] as string
  })
}
