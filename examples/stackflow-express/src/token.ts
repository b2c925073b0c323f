export interface User {
  readonly id: string
  readonly role: 'user' | 'service_account'
}

/** Whom a token is of, or what is wrong with it. */
export type Token =
  | { readonly user: User }
  | { readonly user?: never; readonly code: string; readonly error: string; readonly details: object }

/**
 * Reads `Bearer user:NAME` and `Bearer service:NAME`, which `@SECONDS` may follow: the time when it expires. In your app: a
 * token that is signed.
 */
export function readToken(authorization: string | undefined, now: number): Token {
  const details = { expected: 'Authorization: Bearer user:NAME' }
  if (authorization === undefined) return { code: 'TOKEN_MISSING', error: 'This API needs a token.', details }
  const [, id, kind, expires] =
    /^[Bb]earer ((user|service):[\w.-]{1,64})(?:@(\d{1,10}))?$/.exec(authorization) ?? []
  if (id === undefined) return { code: 'TOKEN_INVALID', error: 'Nobody issued this token.', details }
  const expiresAt = Number(expires) * 1000
  if (expires !== undefined && now >= expiresAt) {
    const details = { expiredAt: new Date(expiresAt).toISOString() }
    return { code: 'TOKEN_EXPIRED', error: 'This token has expired.', details }
  }
  return { user: { id, role: kind === 'service' ? 'service_account' : 'user' } }
}
