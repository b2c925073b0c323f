import { json } from '@spillway/example-kit/testing'

export const SERVICE = { 'X-Keap-API-Key': 'KeapSAK-ada' }
export const OAUTH = { Authorization: 'Bearer oauth-bob' }

export const START = '2026-03-01T10:00:00.000Z'
export const HOURS = 3_600_000
/** The first after it, and the one after that, UTC. */
const MIDNIGHT = Date.parse('2026-03-02T00:00:00.000Z')
export const NEXT_MIDNIGHT = MIDNIGHT + 24 * HOURS

export const PATH = 'GET /v2/contacts'
export const BODY = { contacts: [{ id: '1', given_name: 'Ada' }] }

export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

export const UNKNOWN = json(401, JSON_TYPE, {
  code: '401',
  message: 'Invalid Credentials',
  status: 'Unauthorized',
  details: 'send X-Keap-API-Key: ..., or Authorization: Bearer ...',
})

export function refused(retryAfter: number) {
  return {
    'content-type': 'application/json',
    'retry-after': `${retryAfter}`,
    'cache-control': 'no-store',
  }
}

export function day(limit: number, used: number, expiry = MIDNIGHT) {
  return {
    'x-keap-product-quota-limit': `${limit}`,
    'x-keap-product-quota-time-unit': 'day',
    'x-keap-product-quota-interval': '1',
    'x-keap-product-quota-available': `${limit - used}`,
    'x-keap-product-quota-used': `${used}`,
    'x-keap-product-quota-expiry-time': `${expiry}`,
  }
}

function throttle(limit: number, unit: string, used: number) {
  return {
    'x-keap-product-throttle-limit': `${limit}`,
    'x-keap-product-throttle-time-unit': unit,
    'x-keap-product-throttle-interval': '1',
    'x-keap-product-throttle-available': `${limit - used}`,
    'x-keap-product-throttle-used': `${used}`,
  }
}

export function second(used: number) {
  return throttle(10, 'second', used)
}

export function minute(limit: number, used: number) {
  return throttle(limit, 'minute', used)
}
