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
  const values = calls.map((call) => {
    try {
      return call()
    } catch (error) {
      return Promise.reject(error)
    }
  })
  return (values.some(isPromise) ? Promise.all(values) : values) as unknown as Awaitable<T>
}

/** Thenables too: query builders are promises of that kind. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
