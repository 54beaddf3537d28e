import { useSession } from '@/accounts/session'

/** With a token that counts; if it was refused all the same, as after this clock was set, once more with the next. */
export const fetchAsPerson: typeof fetch = async (input, init) => {
  const session = useSession()
  const answer = await fetchWith(await session.currentToken(), input, init)
  return answer.status === 401 ? fetchWith(await session.renew(), input, init) : answer
}

function fetchWith(token: string, input: RequestInfo | URL, init: RequestInit = {}) {
  const headers = new Headers(init.headers)
  headers.set('Authorization', `Bearer ${token}`)
  return fetch(input, { ...init, headers })
}
