/** No timer of ours keeps a process alive; some runtimes have none that could. */
export function unref<Timer>(timer: Timer): Timer {
  const { Deno } = globalThis as { Deno?: { unrefTimer?(timer: Timer): void } }
  if (typeof timer === 'object') (timer as { unref?(): void }).unref?.()
  else Deno?.unrefTimer?.(timer)
  return timer
}
