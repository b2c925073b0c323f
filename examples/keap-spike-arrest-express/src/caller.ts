import type { Request } from 'express'

export interface Caller {
  readonly kind: 'service' | 'oauth'
  readonly account: string
}

/**
 * Who calls. A service key wins over a token, also one that nobody issued. In your app: look-ups of the keys and tokens that you
 * issued, and not the account in plain text.
 */
export function callerOf(req: Request): Caller | undefined {
  const key = req.get('X-Keap-API-Key')
  const [, account] =
    key === undefined
      ? (/^[Bb]earer oauth-([\w-]{1,64})$/.exec(req.get('Authorization') ?? '') ?? [])
      : (/^KeapSAK-([\w-]{1,64})$/.exec(key) ?? [])
  return account === undefined ? undefined : { kind: key === undefined ? 'oauth' : 'service', account }
}
