/** What is written on the console meanwhile, which is not shown. */
export async function listening<T>(work: (said: readonly string[]) => Promise<T>): Promise<T> {
  const { error, warn } = console
  const said: string[] = []
  console.error = console.warn = (...args: unknown[]) => void said.push(args.map(String).join(' '))
  try {
    return await work(said)
  } finally {
    Object.assign(console, { error, warn })
  }
}
