// The session of a page. The stack's access tokens last 6 seconds, so that they are renewed while a test looks on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLive, openOverview, renewals, signInForm, stack, switchable, text, withPage } from './browser.mjs'

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
  await renewals(page, 2)
  await isLive(page)
  assert.equal(seen.opened, 1)
  assert.ok(seen.accepted >= 1, `${seen.accepted} tokens were accepted`)
}))

test('a reload goes on, and asks for no password', withPage(async (page) => {
  await openOverview(page)
  for (let n = 0; n < 2; n += 1) {
    await page.reload()
    await isLive(page)
  }
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
