import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { words } from '@/words'
import { login, logout, readMe, type Grant, type Me } from './auth'
import { forget, keep, recall } from './kept-token'
import { exchange } from './sso'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Who is signed in. The token lives in memory and in this tab's session storage, never in an address or a log. */
export const useSession = defineStore('session', () => {
  const token = ref<string | null>(null)
  const me = ref<Me | null>(null)
  const farewell = ref<string | null>(null)
  const signedIn = computed(() => token.value !== null)
  let expiry: ReturnType<typeof setTimeout> | undefined

  function begin(newToken: string, expiresAt: number) {
    token.value = newToken
    farewell.value = null
    keep(newToken, expiresAt)
    expiry = setTimeout(end, Math.min(expiresAt - Date.now(), LONGEST_TIMER_MS))
    void readWho(newToken)
  }

  async function readWho(ofToken: string) {
    const who = await readMe(ofToken).catch((problem) => {
      if (problem.status === 401) end()
      return null
    })
    if (token.value === ofToken && who !== null) me.value = who
  }

  /** Asks the server whether the token still counts; ends the session if not. */
  function confirm() {
    if (token.value !== null) void readWho(token.value)
  }

  const enter = (grant: Grant) => begin(grant.access_token, Date.now() + grant.expires_in * 1000)

  async function signIn(username: string, password: string) {
    enter(await login(username, password))
  }

  async function signInByCode(code: string) {
    enter(await exchange(code))
  }

  function signOut() {
    const old = token.value
    drop()
    // The token is gone from this device in any case; an unreachable server lets it expire.
    if (old !== null) logout(old).catch(() => undefined)
  }

  /** The server no longer accepts the token: back to the sign-in page, with a sentence that says why. */
  function end(reason: string = words.session.ended) {
    if (token.value === null) return
    drop()
    farewell.value = reason
  }

  function drop() {
    clearTimeout(expiry)
    forget()
    token.value = null
    me.value = null
    farewell.value = null
  }

  function resume() {
    const kept = recall()
    if (kept !== null) begin(kept.token, kept.expiresAt)
  }

  return { token, me, farewell, signedIn, signIn, signInByCode, signOut, end, resume, confirm }
})
