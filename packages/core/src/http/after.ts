/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>

/**
 * `await` that stays in the same turn when there is nothing to wait for, so that a limiter on a synchronous store adds no
 * promise to a request.
 */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isPromise(value) ? value.then(next) : next(value)
}

/** `Promise.all` in the same manner. */
export function all<T>(values: readonly Awaitable<T>[]): Awaitable<readonly T[]> {
  return values.some(isPromise) ? Promise.all(values) : (values as readonly T[])
}

function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
