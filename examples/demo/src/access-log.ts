import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** One line of an access log, as far as a replay needs it. */
export interface LoggedRequest {
  readonly address: string
  /** Epoch ms; logs know whole seconds. */
  readonly time: number
  readonly method: string
  readonly path: string
}

export interface AccessLog {
  /** In the order of time; those of one second in the order of the file. */
  readonly requests: readonly LoggedRequest[]
  /** Lines that are not in the format, or whose request cannot be sent. */
  readonly malformed: readonly { readonly line: number; readonly text: string }[]
}

/** `address identity user [day/month/year:time zone] "method path protocol"`; what follows is not needed. */
const LINE =
  /^(\S+) \S+ .+? \[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\] "([A-Z]+) (\/[!-~]*) HTTP\//
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Reads a log in the combined format, or in the common one. Rejects when the file cannot be read. */
export async function readAccessLog(file: string): Promise<AccessLog> {
  return parseAccessLog(await readFile(file, 'utf8'))
}

export function parseAccessLog(text: string): AccessLog {
  const requests: LoggedRequest[] = []
  const malformed: { line: number; text: string }[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue
    const request = parseLine(line)
    if (request) requests.push(request)
    else malformed.push({ line: index + 1, text: line })
  }
  return { requests: requests.sort((a, b) => a.time - b.time), malformed }
}

function parseLine(line: string): LoggedRequest | undefined {
  const [, address = '', day, month, year, clock, zone, method = '', path = ''] = LINE.exec(line) ?? []
  const time = Date.parse(`${day} ${month} ${year} ${clock} ${zone}`)
  if (!isIP(address) || !METHODS.includes(method) || !(time >= 0)) return undefined
  return { address, time, method, path }
}
