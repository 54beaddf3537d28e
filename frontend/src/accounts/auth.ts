import { fetchJson } from '@/api/fetch-json'

/** The sidecar's answer to a good login; `expires_in` is in seconds. */
export interface Grant {
  access_token: string
  token_type: string
  expires_in: number
}

export interface Me {
  username: string
  role: string
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

export function login(username: string, password: string): Promise<Grant> {
  return fetchJson('/auth/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  })
}

export function logout(token: string): Promise<unknown> {
  return fetchJson('/auth/logout', { method: 'POST', headers: bearer(token) })
}

export function readMe(token: string): Promise<Me> {
  return fetchJson('/auth/me', { headers: bearer(token) })
}
