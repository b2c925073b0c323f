import { styleText } from 'node:util'

/** Colours and bars on a terminal that has them; plain text in a pipe, a file, or under NO_COLOR. */
export const isFancy: boolean = process.stdout.isTTY === true && process.stdout.hasColors()

const paint = (format: 'green' | 'red' | 'dim' | 'bold') => (text: string) =>
  isFancy ? styleText(format, text) : text

export const good = paint('green')
export const bad = paint('red')
export const dim = paint('dim')
export const strong = paint('bold')

const thousands = new Intl.NumberFormat('en')

/** `12,345` */
export const number = (value: number): string => thousands.format(value)

/** `1 request`, `2 requests` */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`
