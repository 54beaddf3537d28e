import { fetchAsPerson } from '@/api/fetch-as-person'
import { fetchJson } from '@/api/fetch-json'

/** An access token; `expires_in` is in seconds. What gets the next one is a cookie that no script can read. */
export interface Grant {
  access_token: string
  expires_in: number
}

export interface Me {
  public_id: string
  username: string
  role: string
}

const asJson = { 'Content-Type': 'application/json' }

export function login(username: string, password: string): Promise<Grant> {
  return fetchJson('/auth/login', {
    method: 'POST',
    headers: asJson,
    body: JSON.stringify({ username, password, cookie: true }),
  })
}

/** `keepalive`: the browser takes the new cookie even if the page is left before the answer has come. */
export function refresh(): Promise<Grant> {
  return fetchJson('/auth/refresh', { method: 'POST', keepalive: true })
}

export function logout(): Promise<unknown> {
  return fetchJson('/auth/logout', { method: 'POST', keepalive: true })
}

/** With the one-time secret that an administrator has made. */
export function resetPassword(secret: string, password: string): Promise<unknown> {
  return fetchJson('/auth/reset', {
    method: 'POST',
    headers: asJson,
    body: JSON.stringify({ secret, password }),
  })
}

/** One's own, by who is logged in. All other sessions end. */
export function changePassword(before: string, after: string): Promise<unknown> {
  const body = JSON.stringify({ old_password: before, new_password: after })
  return fetchJson('/auth/password', { method: 'POST', headers: asJson, body }, fetchAsPerson)
}

export function readMe(token: string): Promise<Me> {
  return fetchJson('/auth/me', { headers: { Authorization: `Bearer ${token}` } })
}
