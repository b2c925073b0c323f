/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>

/**
 * `await` that stays in the same turn when there is nothing to wait for, so that a limiter on a synchronous store adds no
 * promise to a request.
 */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

/** `Promise.all` in the same manner, over calls: one that throws leaves no rejection of another one unhandled. */
export function all<const T extends readonly unknown[]>(
  calls: {
    readonly [I in keyof T]: () => Awaitable<T[I]>
  },
): Awaitable<T> {
  return each(calls, (call) => call()) as unknown as Awaitable<T>
}

/** The same over what `ask` answers for each of a list. */
export function each<T, U>(items: readonly T[], ask: (item: T) => Awaitable<U>): Awaitable<U[]> {
  // Of one, as it mostly is, neither a loop nor a promise of a list.
  if (items.length === 1) return after(attempt(ask, items[0] as T), (answer) => [answer])
  const answers = new Array<Awaitable<U>>(items.length)
  let waits = false
  for (let i = 0; i < items.length; i++) {
    const answer = attempt(ask, items[i] as T)
    if (isPromise(answer)) waits = true
    answers[i] = answer
  }
  return waits ? Promise.all(answers) : (answers as U[])
}

function attempt<T, U>(ask: (item: T) => Awaitable<U>, item: T): Awaitable<U> {
  try {
    return ask(item)
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Thenables too: query builders are promises of that kind. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  // Keys are asked too, and to look for a property of a string takes long.
  if (typeof value === 'string') return false
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
