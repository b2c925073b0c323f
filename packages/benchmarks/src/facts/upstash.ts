import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Redis } from 'ioredis'

type Command = [name: string, ...args: (string | number)[]]

/** Redis as Upstash offers it: a command is posted as an array, or several to `/pipeline`. */
export function upstash(client: Redis): RequestListener {
  /** By the digests under which clients ask for them. */
  const scripts = new Map<string, string>()

  function run([name, ...args]: Command): Promise<unknown> {
    const [script = '', ...rest] = args
    if (name.toLowerCase() === 'eval') {
      const digest = createHash('sha1').update(String(script)).digest('hex')
      scripts.set(digest, withoutFlags(String(script)))
      return run(['evalsha', digest, ...rest])
    }
    const known = name.toLowerCase() === 'evalsha' ? scripts.get(String(script)) : undefined
    return known === undefined ? client.call(name, ...args) : client.call('eval', known, ...rest)
  }

  const answer = (command: Command) =>
    run(command).then(
      (result) => ({ result }),
      (error: Error) => ({ error: error.message }),
    )

  return async (request, response) => {
    const body = await json(request)
    const several = request.url?.startsWith('/pipeline')
    const answered = several
      ? await Promise.all((body as Command[]).map(answer))
      : await answer(body as Command)
    response.statusCode = 'error' in answered ? 400 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answered))
  }
}

async function json(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request))
}

/** Its flag is Upstash's own: Redis refuses a script for it. */
function withoutFlags(script: string): string {
  return script.replace(/^#!lua flags=allow-key-locking\n/, '')
}
