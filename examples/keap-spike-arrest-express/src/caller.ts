import { createHash } from 'node:crypto'
import type { Request } from 'express'

export interface Caller {
  readonly kind: 'service' | 'oauth'
  /** A digest: no secret is stored. */
  readonly account: string
}

/**
 * Who calls. A service key wins over a token, and one that is empty is nobody's. In your app: look-ups of the keys and tokens that
 * you issued, which yield the account.
 */
export function callerOf(req: Request): Caller | undefined {
  const key = req.get('X-Keap-API-Key')
  const secret = key ?? /^bearer +(\S+)$/i.exec(req.get('Authorization') ?? '')?.[1]
  if (!secret) return undefined
  const account = createHash('sha256').update(secret).digest('hex')
  return { kind: key === undefined ? 'oauth' : 'service', account }
}
