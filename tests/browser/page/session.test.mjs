// The session of a page. The stack's access tokens last 6 seconds, so that they are renewed while a test looks on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillSignIn, isLive, openOverview, stack, switchable, text, withPage } from './browser.mjs'

const signInForm = (page) => page.getByLabel('User name or e-mail').waitFor()
const renewal = (page) => page.waitForResponse(/\/auth\/refresh$/)

/** Waits until the page has so many more access tokens. */
async function renewals(page, count) {
  for (let n = 0; n < count; n += 1) assert.equal((await renewal(page)).status(), 200)
}

/** The page's WebSockets, and how often the server has taken a renewed token on them. */
function watchSockets(page) {
  const seen = { opened: 0, accepted: 0 }
  page.on('websocket', (socket) => {
    seen.opened += 1
    socket.on('framereceived', ({ payload }) => (seen.accepted += String(payload).includes('token_accepted') ? 1 : 0))
  })
  return seen
}

test('no script can read what would prolong the session', withPage(async (page) => {
  await openOverview(page)
  const readable = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]))
  const [cookie] = await page.context().cookies(`${stack.url}/auth/refresh`)
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/auth'])
  assert.ok(!readable.includes(cookie.value))
  assert.doesNotMatch(readable, /eyJ/)
}))

test('the stream goes on over the same socket while access tokens come and go', withPage(async (page) => {
  const seen = watchSockets(page)
  await openOverview(page)
  await renewals(page, 3)
  await isLive(page)
  assert.equal(seen.opened, 1)
  assert.ok(seen.accepted >= 2, `${seen.accepted} tokens were accepted`)
}))

test('a reload goes on, and asks for no password', withPage(async (page) => {
  await openOverview(page)
  for (let n = 0; n < 3; n += 1) {
    await page.reload()
    await isLive(page)
  }
}))

test('two tabs at once', withPage(async (page) => {
  await openOverview(page)
  const other = await page.context().newPage()
  await other.goto(stack.url)
  await isLive(other)
  await Promise.all([page.reload(), other.reload()])
  await Promise.all([isLive(page), isLive(other)])
  await Promise.all([renewals(page, 2), renewals(other, 2)])
  await Promise.all([isLive(page), isLive(other)])
}))

test('signing out in one tab signs out the other, signing in signs it in', withPage(async (page) => {
  await openOverview(page)
  const other = await page.context().newPage()
  await other.goto(stack.url)
  await isLive(other)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await Promise.all([signInForm(page), signInForm(other)])
  await fillSignIn(page)
  await Promise.all([isLive(page), isLive(other)])
}))

test('a server that is away for longer than a token lasts ends no session', withPage(async (page) => {
  const line = await switchable(page)
  await openOverview(page)
  await page.route(/\/auth\/refresh$/, (route) => route.abort())
  await line.cut()
  await text(page, /Connection lost\. The values below/)
  // the second failure: the first was within the token's life
  for (let n = 0; n < 2; n += 1) await page.waitForEvent('requestfailed', (request) => request.url().endsWith('/auth/refresh'))
  await page.unroute(/\/auth\/refresh$/)
  line.mend()
  await isLive(page)
}, { expectedErrors: /ERR_FAILED/ }))

test('a sign-out that the server did not hear is made good at the next visit', withPage(async (page) => {
  await openOverview(page)
  await page.route(/\/auth\/logout$/, (route) => route.abort())
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signInForm(page)
  await page.unroute(/\/auth\/logout$/)
  const heard = page.waitForResponse(/\/auth\/logout$/)
  await page.reload()
  await signInForm(page)
  assert.equal((await heard).status(), 204)
  assert.deepEqual(await page.context().cookies(`${stack.url}/auth/refresh`), [])
}, { expectedErrors: /ERR_FAILED/ }))
