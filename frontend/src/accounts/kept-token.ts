/** A token and the moment it expires, in milliseconds since 1970. */
export interface Kept {
  token: string
  expiresAt: number
}

const KEY = 'webmacs.session'

/** Survives a reload of this tab, and nothing else. */
export function keep(token: string, expiresAt: number) {
  sessionStorage.setItem(KEY, JSON.stringify({ token, expiresAt }))
}

export function forget() {
  sessionStorage.removeItem(KEY)
}

export function recall(): Kept | null {
  const text = sessionStorage.getItem(KEY)
  const kept = text === null ? null : (JSON.parse(text) as Kept)
  return kept !== null && kept.expiresAt > Date.now() ? kept : null
}
