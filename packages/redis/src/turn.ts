/** Calls back once this turn of the event loop is over, also where there is no `setImmediate`: in Workers. */
export function afterTurn(call: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (call: () => void) => unknown }
  if (setImmediate === undefined) setTimeout(call, 0)
  else setImmediate(call)
}
