import { fetchJson } from '@/api/fetch-json'
import type { Grant } from './auth'

/** An identity provider; `authorize_url` is where its button leads. */
export interface Provider {
  name: string
  label: string
  authorize_url: string
}

/** A server that cannot be asked has none: the password is another way in. */
export async function readProviders(): Promise<Provider[]> {
  const config = await fetchJson<{ providers: Provider[] }>('/auth/sso/config').catch(() => null)
  return config?.providers ?? []
}

export function addressOf(provider: Provider, next: string): string {
  return `${provider.authorize_url}&next=${encodeURIComponent(next)}`
}

/** The code is good for a minute, once, and for this browser alone. */
export function exchange(code: string): Promise<Grant> {
  return fetchJson('/auth/sso/exchange', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, cookie: true }),
  })
}
