import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillSignIn, fitsWidth, isLive, openOverview, stack, text, withPage } from './browser.mjs'

const refused = { expectedErrors: /401/ }

test('a wrong password is answered with the words of the server', withPage(async (page) => {
  await page.goto(stack.url)
  await fillSignIn(page, 'not the password')
  const message = await page.getByRole('alert').innerText()
  assert.match(message, /password/i)
  assert.equal(new URL(page.url()).pathname, '/sign-in')
}, refused))

test('the header says who is signed in, and as what', withPage(async (page) => {
  await openOverview(page)
  await page.getByRole('banner').getByText(stack.username, { exact: true }).waitFor()
  await page.getByRole('banner').getByText('administrator').waitFor()
}))

test('signing in leads to where one wanted to go', withPage(async (page) => {
  await page.goto(`${stack.url}/events/unknown?range=900`)
  await fillSignIn(page)
  await page.waitForURL(`${stack.url}/events/unknown?range=900`)
}, { expectedErrors: /400/ }))

test('a reload stays signed in; signing out does not come back', withPage(async (page) => {
  await openOverview(page)
  await page.reload()
  await isLive(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('User name or e-mail').waitFor()
  await page.goto(stack.url)
  await page.getByLabel('User name or e-mail').waitFor()
}))

test('nothing is loaded from elsewhere', withPage(async (page) => {
  const origins = new Set()
  page.on('request', (request) => origins.add(new URL(request.url()).origin))
  await openOverview(page)
  const { api } = await (await fetch(`${stack.url}/app-config.json`)).json()
  assert.deepEqual(origins, new Set([stack.url, new URL(api, stack.url).origin]))
}))

test('it fits a small phone', withPage(async (page) => {
  await page.goto(stack.url)
  await text(page, 'User name or e-mail')
  await fitsWidth(page)
}, { viewport: { width: 360, height: 640 } }))
