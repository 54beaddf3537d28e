/** A sign in local storage that somebody is signed in in this browser. It is no secret: that is in the cookie. */
export type Sign = 'in' | 'leaving' | null

const KEY = 'webmacs.signed'

export function readSign(): Sign {
  const kept = localStorage.getItem(KEY)
  if (kept === null) return null
  return kept === 'leaving' ? 'leaving' : 'in'
}

/** Each signing in leaves another sign, so that the other tabs notice. */
export function leaveSign(sign: Sign) {
  if (sign === null) localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, sign === 'in' ? `in ${Date.now()}` : sign)
}

/** Another tab has signed in or out. */
export function onOtherTab(changed: (sign: Sign) => void) {
  window.addEventListener('storage', ({ key }) => key === KEY && changed(readSign()))
}
