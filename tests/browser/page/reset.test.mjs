// Choosing a password with the one-time secret that an administrator has made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, stack, text, withPage } from './browser.mjs'

const PASSWORD = 'four words with nothing in common'

async function invite(username) {
  const asked = { method: 'POST', headers: { Prefer: 'return=representation' } }
  const [user] = await (await asProgram('/users', { ...asked, body: JSON.stringify({ username }) })).json()
  const body = JSON.stringify({ user_public_id: user.public_id })
  const { secret } = await (await asProgram('/rpc/reset_password', { method: 'POST', body })).json()
  return secret
}

async function choose(page, password) {
  await page.getByLabel('New password').fill(password)
  await page.getByRole('button', { name: 'Set password' }).click()
}

test('an invitation leads to a password, and that to the page', withPage(async (page) => {
  const secret = await invite('mary')
  const addresses = []
  page.on('request', (request) => addresses.push(request.url()))
  await page.goto(`${stack.url}/reset#${secret}`)
  await fitsWidth(page)
  await choose(page, 'passwordpassword')
  await text(page, 'too easy to guess')
  await choose(page, PASSWORD)
  await text(page, 'Your password is set.')
  assert.equal(page.url(), `${stack.url}/reset`)
  // the browser sends no server what stands behind #, and neither does the page
  assert.deepEqual(addresses.filter((address) => new URL(address).pathname.includes(secret)), [])
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('User name or e-mail').fill('mary')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('banner').getByText('mary', { exact: true }).waitFor()
}, { expectedErrors: /422/ }))

test('a secret that was used says what to do', withPage(async (page) => {
  await page.goto(`${stack.url}/reset#${'0'.repeat(64)}`)
  await choose(page, PASSWORD)
  await text(page, 'Ask an administrator for another')
}, { expectedErrors: /403/ }))

test('an address without a secret says so', withPage(async (page) => {
  await page.goto(`${stack.url}/reset`)
  await text(page, 'This address is not complete')
}))
