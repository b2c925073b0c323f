/** Changes to one source, each of which breaks something that a test must notice. */
export interface Mutants {
  /** The source, from the root of the workspace: text in any language. */
  readonly file: string
  /** The test files that judge it, from the root too; what belongs to the source first. */
  readonly tests: readonly string[]
  readonly changes: readonly Change[]
  /** What is made of the source, and the program that makes it. */
  readonly generates?: { readonly file: string; readonly by: string }
}

/** What it breaks, a piece of text that stands exactly once in the source, and what to write instead. */
export type Change = readonly [breaks: string, find: string, replace: string]

/** The source with one change made. */
export function mutate(source: string, [breaks, find, replace]: Change): string {
  const found = source.split(find).length - 1
  if (found !== 1)
    throw new Error(`'${breaks}' is stale: its text was found ${found} times, not once: ${find}`)
  if (find === replace) throw new Error(`'${breaks}' changes nothing: ${find}`)
  return source.replace(find, () => replace)
}
