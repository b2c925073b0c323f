/** The entries of a list from the right, none read before it is asked for. */
export function* listEntries(header: string): Generator<string, undefined> {
  for (let end = header.length; end >= 0; ) {
    const comma = end > 0 ? header.lastIndexOf(',', end - 1) : -1
    yield header.slice(comma + 1, end)
    end = comma
  }
}

/**
 * The `for` parameters of RFC 7239 from the right; an element with none, or with two, gives ''. From this
 * side a quote closes before it opens, so one that the client left open cannot swallow what a proxy appended;
 * and only a quote inside quotes has a backslash before it.
 */
export function* forwardedEntries(header: string): Generator<string, undefined> {
  let found: string | undefined
  let quoted = false
  for (let end = header.length, at = end - 1; at >= -1; at--) {
    const char = header[at] ?? ','
    if (char === '"' && !(quoted && header[at - 1] === '\\')) quoted = !quoted
    if (quoted || (char !== ',' && char !== ';')) continue
    const [, value] = /^\s*for\s*=(.*)$/is.exec(header.slice(at + 1, end)) ?? []
    if (value !== undefined) found = found === undefined ? value.replace(/\\(.)/g, '$1') : ''
    end = at
    if (char === ';') continue
    yield found ?? ''
    found = undefined
  }
}
