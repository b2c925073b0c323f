/** One text for what several came to: what is the same of them is said once. */
export function together(found: readonly (readonly [label: string, text: string])[]): string {
  const texts = [...new Set(found.map(([, text]) => text))]
  if (texts.length === 1) return texts[0] as string
  const labelsOf = (said: string) => found.filter(([, text]) => text === said).map(([label]) => label)
  return texts.map((text) => `${text} (${labelsOf(text).join(', ')})`).join('; ')
}
