/** Who calls, as far as the credentials say; or what is wrong with these. */
export interface Caller {
  /** Absent without credentials: then it is the address that calls. */
  readonly app?: string
  readonly user?: string
  readonly problem?: object
}

/** The keys that we issued, and the apps that they are of. In your app: a look-up. */
const APPS = new Map([
  ['key-of-reader', 'reader'],
  ['key-of-writer', 'writer'],
])

/**
 * Reads a key, and an access token `USER.APP`, which `@SECONDS` may follow: the time when it expires. What is wrong is a problem,
 * and never counts as nothing. In your app: a token that means nothing to whoever reads it.
 */
export function callerOf(key: string | undefined, token: string | undefined, now: number): Caller {
  const appOfKey = key === undefined ? undefined : APPS.get(key)
  if (key !== undefined && appOfKey === undefined)
    return { problem: error(400, 'bad_parameter', 'unknown key') }
  if (token === undefined) return appOfKey === undefined ? {} : { app: appOfKey }

  const [, user, app, expires] = /^([\w-]{1,64})\.(\w+)(?:@(\d{1,10}))?$/.exec(token) ?? []
  if (user === undefined || app === undefined || ![...APPS.values()].includes(app)) return invalid('unknown')
  if (expires !== undefined && now >= Number(expires) * 1000) return invalid('expired')
  if (appOfKey !== undefined && appOfKey !== app) return invalid('of another app')
  return { user, app }
}

function invalid(message: string): Caller {
  return { problem: error(402, 'invalid_access_token', message) }
}

/** The API's shape of every error. */
export function error(error_id: number, error_name: string, error_message: string) {
  return { error_id, error_name, error_message }
}
