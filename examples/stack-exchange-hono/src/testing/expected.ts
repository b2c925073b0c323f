import { json } from '@spillway/example-kit/testing'

export const START = '2026-03-01T21:00:00.000Z'
/** 00:00 UTC and this moment, epoch seconds. */
export const MIDNIGHT = 1772409600
export const NOW = MIDNIGHT - 3 * 3600

export const QUESTIONS = 'GET /2.0/questions'
export const ANSWERS = 'GET /2.0/answers'
export const KEYED = `${QUESTIONS}?key=key-of-reader`
export const ANN = `${KEYED}&access_token=ann.reader`

const JSON_TYPE = { 'content-type': 'application/json' }

/** Of {@link QUESTIONS}. */
export function listed(max: number, remaining: number, backoff?: number) {
  return json(200, JSON_TYPE, {
    items: [{ question_id: 1 }],
    has_more: false,
    quota_max: max,
    quota_remaining: remaining,
    ...(backoff !== undefined && { backoff }),
  })
}

export function throttled(retryAfter: number, max: number) {
  return json(
    503,
    { ...JSON_TYPE, 'retry-after': `${retryAfter}`, 'cache-control': 'no-store' },
    {
      error_id: 502,
      error_name: 'throttle_violation',
      error_message: 'too many requests from this IP',
      quota_max: max,
      quota_remaining: 0,
    },
  )
}

export function invalid(error_message: string, error_id = 402, error_name = 'invalid_access_token') {
  return json(400, JSON_TYPE, { error_id, error_name, error_message })
}

/** What `/throttle` says of one policy. */
export function state(limit: number, used: number, reset: number, text: string, also: object = {}) {
  return { limit, used, remaining: limit - used, reset, refuses: false, text, ...also }
}

export function told(body: object) {
  return json(200, JSON_TYPE, body)
}
