import { expect, test } from 'vitest'
import { picture } from './picture.js'
import type { Exchange } from './traffic.js'

test('counts what each client sent in each second, without colours where there is no terminal', () => {
  const exchange = (persona: string, sentAt: number, status: number): Exchange => ({
    framework: 'Koa',
    persona,
    method: 'GET',
    path: '/',
    sentAt,
    receivedAt: sentAt + 1,
    status,
    headers: new Headers(),
    body: '',
  })
  const text = picture([exchange('Ada', 0, 200), exchange('Ada', 999, 200), exchange('Ada', 2000, 429)], 3)
  const lines = text.split('\n')
  expect(lines[2]).toBe('  second  1    2    3     200  429')
  expect(lines.slice(lines.indexOf('  Koa'), -5)).toEqual([
    '  Koa',
    '    Ada   2/0  .    0/1     2    1',
    '    Bob   .    .    .       0    0',
    '    Cleo  .    .    .       0    0',
    '    Dan   .    .    .       0    0',
  ])
})
