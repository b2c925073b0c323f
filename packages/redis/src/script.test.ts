import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { SCRIPT, SHA1 } from './script.gen.js'
import { run } from './script.js'

/** A client whose `evalsha` fails. */
function failing(message: string) {
  const client = {
    evalsha: vi.fn(async (): Promise<unknown> => {
      throw new Error(message)
    }),
    eval: vi.fn(async (): Promise<unknown> => 'answered'),
  }
  return client
}

describe('the script', () => {
  it('is joined from the .lua files as they are', () => {
    const join = fileURLToPath(new URL('../join-lua.mjs', import.meta.url))
    expect(() => execFileSync(process.execPath, [join, '--check'], { stdio: 'pipe' })).not.toThrow()
  })

  it('is sent in full to a server that does not know it', async () => {
    const client = failing('NOSCRIPT No matching script. Please use EVAL.')
    expect(await run(client, ['key'], ['plan', 'calls'])).toBe('answered')
    expect(client.evalsha).toHaveBeenCalledWith(SHA1, 1, 'key', 'plan', 'calls')
    expect(client.eval).toHaveBeenCalledWith(SCRIPT, 1, 'key', 'plan', 'calls')
  })

  it('is so too where the answer has a general code before it, or the command behind it', async () => {
    for (const message of ['ERR NOSCRIPT', 'NOSCRIPT No matching script., command was: ["evalsha"]']) {
      expect(await run(failing(message), ['key'], [])).toBe('answered')
    }
  })

  it.each([
    'Connection is closed.',
    'Command timed out',
    'OOM command not allowed',
    'BUSY',
    'Command timed out, command was: ["evalsha","1","spillway:{NOSCRIPT}"]',
    'NOSCRIPTS',
  ])('is not sent again when it may have run: %s', async (message) => {
    const client = failing(message)
    await expect(run(client, ['key'], [])).rejects.toThrow(message)
    expect(client.evalsha).toHaveBeenCalledTimes(1)
    expect(client.eval).not.toHaveBeenCalled()
  })
})
