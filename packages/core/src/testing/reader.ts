import type { Reader } from '../http/reader.js'

/** A request of no framework. */
export interface FakeRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly route?: string
  readonly ip?: string
  readonly peer?: string
  readonly trust?: 'all' | 'some' | 'none'
}

export const reader: Reader<FakeRequest> = {
  identity: (req) => req,
  method: ({ method = 'GET' }) => method,
  header: ({ headers }, name) => headers?.[name],
  route: ({ route }) => route,
  clientIp: ({ ip }) => ip,
  peer: ({ peer }) => peer,
  trust: ({ trust = 'none' }) => trust,
}
