import { number } from './style.js'

/** Rows as aligned text under the names of their fields: numbers to the right, all else to the left. */
export function table(rows: readonly Readonly<Record<string, string | number>>[], indent = '  '): string {
  const names = Object.keys(rows[0] ?? {})
  const columns = names.map((name) => {
    const values = rows.map((row) => row[name] ?? '')
    const texts = [name, ...values.map((value) => (typeof value === 'number' ? number(value) : value))]
    const width = Math.max(...texts.map((text) => text.length))
    const right = values.every((value) => typeof value === 'number')
    return texts.map((text) => (right ? text.padStart(width) : text.padEnd(width)))
  })
  const lines = [names, ...rows].map((_, line) => columns.map((column) => column[line]).join('  '))
  return lines.map((line) => `${indent}${line}`.trimEnd()).join('\n')
}
