// What the tests of the page share: Chromium, a page of the running stack, and ways to act as a person.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after } from 'node:test'

export const fromFrontend = createRequire(new URL('../../../frontend/package.json', import.meta.url))
const { chromium } = fromFrontend('playwright-core')

export const stack = {
  url: process.env.WEBMACS_URL,
  username: process.env.WEBMACS_USERNAME,
  password: process.env.WEBMACS_PASSWORD,
}

// A server whose certificate nobody has signed: this one is taken, and no other.
const trusted = process.env.WEBMACS_SPKI ? [`--ignore-certificate-errors-spki-list=${process.env.WEBMACS_SPKI}`] : []
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', ...trusted] })
after(() => browser.close())

/** A test with a fresh browser window; it fails for any error that the page reports in its console. */
export function withPage(work, { viewport = { width: 1440, height: 900 }, hasTouch = false, expectedErrors = /(?!)/ } = {}) {
  return async (t) => {
    const window = await browser.newContext({ viewport, hasTouch })
    try {
      const page = await window.newPage()
      const errors = watchErrors(page)
      await work(page, t)
      assert.deepEqual(errors.filter((error) => !expectedErrors.test(error)), [])
    } finally {
      await window.close()
    }
  }
}

function watchErrors(page) {
  const errors = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(error.message))
  return errors
}

export async function fillSignIn(page, password = stack.password, username = stack.username) {
  await page.getByLabel('User name or e-mail').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Signed in and on the overview, with live values. */
export async function openOverview(page) {
  await page.goto(stack.url)
  await fillSignIn(page)
  await isLive(page)
  await page.locator('.tile').first().waitFor()
}

export const isLive = (page) => page.getByRole('status').filter({ hasText: /^\s*Live\s*$/ }).waitFor()

export const text = (page, words) => page.getByText(words).first().waitFor()

/** Waits until what `read` gives is no longer what it was. */
export async function changes(page, read) {
  const before = await read()
  while ((await read()) === before) await page.evaluate(() => new Promise(requestAnimationFrame))
}

/** What follows the size of the window does so before it is drawn again. */
const drawn = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))

export async function fitsWidth(page) {
  await drawn(page)
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  assert.ok(excess <= 0, `the page is ${excess} pixels wider than the window`)
}

const login = async () => (await (await post('/auth/login', { username: stack.username, password: stack.password })).json()).access_token

/** The same person as a program, with a session of its own. */
export async function asProgram(path, init = {}) {
  const token = await login()
  const { api } = await (await fetch(`${stack.url}/app-config.json`)).json()
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...init.headers }
  return fetch(new URL(api, stack.url).href.replace(/\/$/, '') + path, { ...init, headers })
}

/** The token of a controller. */
export async function controllerToken(publicId) {
  const headers = { Authorization: `Bearer ${await login()}`, 'Content-Type': 'application/json' }
  const body = JSON.stringify({ controller_public_id: publicId })
  return (await (await fetch(`${stack.url}/auth/controller-tokens`, { method: 'POST', headers, body })).json()).access_token
}

const PASSWORD = 'four words with nothing in common'
const people = new Map()

/** The name and the password of somebody of this role, the same in all tests of a file. */
export function personOf(role) {
  if (!people.has(role)) people.set(role, role === 'admin' ? Promise.resolve(stack) : makePerson(role))
  return people.get(role)
}

export async function makePerson(role, username = `${role}-${Date.now()}`) {
  const asked = { method: 'POST', headers: { Prefer: 'return=representation' } }
  const [user] = await (await asProgram('/users', { ...asked, body: JSON.stringify({ username, role }) })).json()
  const body = JSON.stringify({ user_public_id: user.public_id })
  const { secret } = await (await asProgram('/rpc/reset_password', { method: 'POST', body })).json()
  assert.ok((await post('/auth/reset', { secret, password: PASSWORD })).ok)
  return { username, password: PASSWORD }
}

/** Signed in as somebody of this role, at this address of the page. */
export async function openAs(page, role, path = '/') {
  const { username, password } = await personOf(role)
  await page.goto(stack.url + path)
  await fillSignIn(page, password, username)
  await page.getByRole('banner').getByText(username, { exact: true }).waitFor()
}

const axe = readFileSync(fromFrontend.resolve('axe-core/axe.min.js'), 'utf8')

/** Nothing that keeps people out, as axe finds it. */
export async function isAccessible(page) {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }))
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  assert.deepEqual(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`), [])
}

const post = (path, body) =>
  fetch(stack.url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

/** Puts a switch into the page's WebSocket: the real connection, which can be cut and kept cut. */
export async function switchable(page) {
  const line = { closed: false, open: new Set() }
  await page.routeWebSocket(/\/ws\/datapoints\/stream/, (socket) => {
    if (line.closed) return socket.close()
    socket.connectToServer()
    line.open.add(socket)
  })
  return {
    async cut() {
      line.closed = true
      await Promise.all([...line.open].map((socket) => socket.close()))
      line.open.clear()
    },
    mend: () => (line.closed = false),
  }
}

export const signInForm = (page) => page.getByLabel('User name or e-mail').waitFor()

/** Waits until the page has so many more access tokens. */
export async function renewals(page, count) {
  for (let n = 0; n < count; n += 1) {
    const answer = await page.waitForResponse(/\/auth\/refresh$/)
    assert.equal(answer.status(), 200)
  }
}
