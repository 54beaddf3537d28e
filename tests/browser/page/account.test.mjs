import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsWidth, openOverview, signInForm, stack, text, withPage } from './browser.mjs'

async function openAccount(page) {
  await openOverview(page)
  await page.getByRole('banner').getByText(stack.username, { exact: true }).click()
  await text(page, 'this one')
  const line = page.getByRole('listitem').filter({ hasText: 'this one' })
  assert.equal(await line.getByText('not used yet').count(), 0)
}

const press = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

async function ask(token, path, init = {}) {
  const { api } = await (await fetch(`${stack.url}/app-config.json`)).json()
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  return (await fetch(new URL(api, stack.url).href.replace(/\/$/, '') + path, { ...init, headers })).status
}

test('a token is shown once, reads and does not write, and ends when it is revoked', withPage(async (page) => {
  await openAccount(page)
  const name = `token ${Date.now()}`
  await page.getByLabel('What it is for').fill(name)
  await page.getByRole('button', { name: 'Make a token' }).click()
  const token = await page.locator('code').innerText()
  const line = page.getByRole('listitem').filter({ hasText: name })
  await line.getByText('viewer, reads only').waitFor()
  await line.getByText('not used yet').waitFor()
  assert.equal(await ask(token, '/events'), 200)
  assert.equal(await ask(token, '/rpc/revoke_all', { method: 'POST', body: '{}' }), 403)
  await page.reload()
  await line.waitFor()
  assert.equal(await page.locator('code').count(), 0)
  await line.getByRole('button', { name: 'Revoke' }).click()
  await press(page, 'Revoke')
  await line.waitFor({ state: 'detached' })
  assert.equal(await ask(token, '/events'), 401)
}))

test('a token counts for as long as was chosen, and all are revoked at once', withPage(async (page) => {
  await openAccount(page)
  await page.getByLabel('Valid for').selectOption('30 days')
  const made = []
  for (const name of [`one ${Date.now()}`, `two ${Date.now()}`]) {
    await page.getByLabel('What it is for').fill(name)
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByRole('listitem').filter({ hasText: name }).waitFor()
    made.push(await page.locator('code').innerText())
  }
  assert.notEqual(made[0], made[1])
  const { iat, exp } = JSON.parse(Buffer.from(made[1].split('.')[1], 'base64url'))
  assert.equal(exp - iat, 30 * 86_400)
  await page.getByRole('button', { name: 'Revoke all of them' }).click()
  await press(page, 'Revoke all of them')
  await page.getByRole('button', { name: /^Revoke/ }).first().waitFor({ state: 'detached' })
  for (const token of made) assert.equal(await ask(token, '/events'), 401)
  await text(page, 'this one')
}))

test('signing out everywhere else ends the other browser, and not this one', withPage(async (page) => {
  await openAccount(page)
  const window = await page.context().browser().newContext()
  try {
    const other = await window.newPage()
    await openOverview(other)
    await page.reload()
    await page.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await text(other, 'Your session has ended')
    await signInForm(other)
    await page.getByRole('button', { name: 'Sign out there' }).first().waitFor({ state: 'detached' })
    await text(page, 'this one')
  } finally {
    await window.close()
  }
}))

test('it fits a small phone', withPage(async (page) => {
  await openAccount(page)
  await fitsWidth(page)
}, { viewport: { width: 360, height: 640 } }))
