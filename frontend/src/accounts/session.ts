import { defineStore } from 'pinia'
import { ref } from 'vue'
import { words } from '@/words'
import { Access } from './access'
import { login, logout, readMe, type Grant, type Me } from './auth'
import { leaveSign, onOtherTab, readSign } from './sign'
import { exchange } from './sso'

/** Who is signed in. The access token lives in memory, the refresh token in a cookie that no script can read. */
export const useSession = defineStore('session', () => {
  const signedIn = ref(false)
  const token = ref<string | null>(null)
  const me = ref<Me | null>(null)
  const farewell = ref<string | null>(null)
  const access = new Access({ onToken, onRefused: () => end() })
  /** Its answer takes the cookie away, so nobody signs in before. */
  let leaving = Promise.resolve()

  function onToken(fresh: string) {
    if (!signedIn.value) return access.drop() // signed out while it was on its way
    token.value = fresh
    if (me.value === null) void readWho(fresh)
  }

  async function readWho(of: string) {
    const who = await readMe(of).catch(() => null)
    if (signedIn.value && who !== null) me.value = who
  }

  /** Somebody has signed in, in whichever way. */
  function begin(grant: Grant) {
    leaveSign('in')
    farewell.value = null
    signedIn.value = true
    access.take(grant)
  }

  async function signIn(username: string, password: string) {
    await leaving
    begin(await login(username, password))
  }

  async function signInByCode(code: string) {
    await leaving
    begin(await exchange(code))
  }

  /** The cookie goes when the server has heard of it; until then every visit tries again. */
  function signOut() {
    leaveSign('leaving')
    drop()
    leaving = leave()
  }

  async function leave() {
    const gone = await logout().then(
      () => true,
      (problem) => problem.status === 401,
    )
    if (gone && readSign() === 'leaving') leaveSign(null)
  }

  /** The server no longer accepts the session: back to the sign-in page, with a sentence that says why. */
  function end(reason: string = words.session.ended) {
    if (!signedIn.value) return
    leaveSign(null)
    drop()
    farewell.value = reason
  }

  function drop() {
    access.drop()
    signedIn.value = false
    token.value = null
    me.value = null
    farewell.value = null
  }

  /** After a load of the page: whoever has the cookie goes on. */
  function resume() {
    onOtherTab((sign) => {
      if (sign === 'in') location.reload() // maybe as somebody else
      else if (signedIn.value) drop()
    })
    if (readSign() === 'leaving') leaving = leave()
    if (readSign() !== 'in') return
    signedIn.value = true
    renew().catch(() => undefined)
  }

  const currentToken = () => access.current()
  const renew = () => access.renew()

  return { signedIn, token, me, farewell, signIn, signInByCode, signOut, end, resume, currentToken, renew }
})
