import { expect, test } from 'vitest'
import { parseAccessLog } from './access-log.js'

const line = (address: string, time: string, request: string) =>
  `${address} - - [${time}] "${request}" 200 512 "-" "curl"`

test('reads lines in the combined and the common format, in the order of time', () => {
  const { requests, malformed } = parseAccessLog(
    [
      line('203.0.113.7', '17/May/2015:10:05:03 +0000', 'GET /late?q=1 HTTP/1.1'),
      '2001:db8::7 - Jane Doe [17/May/2015:12:05:01 +0200] "POST /early HTTP/1.0" 201 -\r',
      line('203.0.113.8', '17/May/2015:10:05:03 +0000', 'HEAD /later HTTP/2.0'),
      '',
    ].join('\n'),
  )
  const second = Date.UTC(2015, 4, 17, 10, 5, 1)
  expect(malformed).toEqual([])
  expect(requests).toEqual([
    { address: '2001:db8::7', time: second, method: 'POST', path: '/early' },
    { address: '203.0.113.7', time: second + 2000, method: 'GET', path: '/late?q=1' },
    { address: '203.0.113.8', time: second + 2000, method: 'HEAD', path: '/later' },
  ])
})

test.each([
  ['something else', 'hello'],
  ['half a line', '203.0.113.7 - - [17/May/2015:10:05:03 +0000] "GET /pa'],
  ['a name instead of an address', line('example.org', '17/May/2015:10:05:03 +0000', 'GET / HTTP/1.1')],
  ['a day that does not exist', line('203.0.113.7', '17/Foo/2015:10:05:03 +0000', 'GET / HTTP/1.1')],
  ['no request', line('203.0.113.7', '17/May/2015:10:05:03 +0000', '-')],
  ['a request that is none of HTTP', line('203.0.113.7', '17/May/2015:10:05:03 +0000', '\\x16\\x03\\x01')],
  ['a method that opens a tunnel', line('203.0.113.7', '17/May/2015:10:05:03 +0000', 'CONNECT /x HTTP/1.1')],
])('counts %s as malformed', (_what, text) => {
  expect(parseAccessLog(`\n${text}\n`)).toEqual({ requests: [], malformed: [{ line: 2, text }] })
})
