import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillSignIn, fitsWidth, stack, text, withPage } from '../../browser/page/browser.mjs'

const refused = { expectedErrors: /401/ }

async function signInAs(page, account, label = 'The lab account') {
  await page.getByRole('link', { name: `Sign in with ${label}` }).click()
  await page.getByLabel('Account').fill(account)
  await page.getByRole('button', { name: 'Continue' }).click()
}

const alert = (page, words) => page.getByRole('alert').filter({ hasText: words }).waitFor()

const path = (page) => page.url().slice(stack.url.length)

test('a button leads to the provider, and back as somebody', withPage(async (page) => {
  const visited = []
  page.on('framenavigated', (frame) => visited.push(frame.url()))
  await page.goto(stack.url)
  await signInAs(page, 'person')
  await page.getByRole('banner').getByText('page.person', { exact: true }).waitFor()
  await page.getByRole('banner').getByText('operator').waitFor()
  assert.equal(path(page), '/')
  assert.ok(visited.every((address) => !address.includes('eyJ')), 'no token in an address')
  await page.reload()
  await page.getByRole('banner').getByText('page.person', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('link', { name: 'Sign in with The lab account' }).waitFor()
}))

test('one gets where one wanted to go', withPage(async (page) => {
  await page.goto(`${stack.url}/events/unknown?range=900`)
  await signInAs(page, 'person')
  await page.waitForURL(`${stack.url}/events/unknown?range=900`)
}, { expectedErrors: /400/ }))

test('who cancels is told so in words, and the address is clean', withPage(async (page) => {
  await page.goto(`${stack.url}/sign-in?next=/events/a`)
  await page.getByRole('link', { name: 'The lab account' }).click()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await alert(page, 'You have not let the provider tell who you are')
  await page.waitForURL((url) => !url.search.includes('sso_error'))
  assert.equal(path(page), '/sign-in?next=/events/a')
}))

test('who has no account is told whom to ask', withPage(async (page) => {
  await page.goto(stack.url)
  await signInAs(page, 'nobody', 'The closed account')
  await alert(page, 'You have no account here yet. Ask an administrator.')
}))

test('a provider that is down is said at once, and the password goes on working', withPage(async (page) => {
  await page.goto(stack.url)
  await page.getByRole('link', { name: 'The down account' }).click()
  await alert(page, 'The provider does not answer.')
  await fillSignIn(page)
  await page.getByRole('banner').getByText(stack.username, { exact: true }).waitFor()
}))

test('a link with the code of somebody else signs nobody in', withPage(async (page) => {
  await page.goto(`${stack.url}/sign-in?sso_code=${'a'.repeat(43)}`)
  await alert(page, 'This login has expired or was used before.')
  assert.equal(path(page), '/sign-in')
}, refused))

for (const code of ['constructor', '__proto__', '<img src=x onerror=alert(1)>', '']) {
  test(`words for what nobody knows: ${code}`, withPage(async (page) => {
    await page.goto(`${stack.url}/sign-in?${new URLSearchParams({ sso_error: code })}`)
    await alert(page, 'Signing in did not work.')
    assert.equal(await page.locator('img').count(), 0)
  }))
}

test('a link to elsewhere leads to the overview', withPage(async (page) => {
  await page.goto(`${stack.url}/sign-in?next=//evil.example.org/`)
  await signInAs(page, 'person')
  await page.getByRole('banner').getByText('page.person', { exact: true }).waitFor()
  assert.equal(path(page), '/')
}))

test('one unlinks a provider, but not without a password', withPage(async (page) => {
  await page.goto(stack.url)
  await signInAs(page, 'person')
  await page.getByRole('link', { name: 'page.person' }).click()
  await page.getByRole('button', { name: 'Unlink' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()
  await alert(page, 'nobody could log in to it. Ask an administrator')
  await fitsWidth(page)
}, { expectedErrors: /409/ }))

test('who came by a provider that is unlinked is signed out', withPage(async (page) => {
  await page.goto(stack.url)
  await signInAs(page, 'both')
  await page.getByRole('link', { name: 'page.both' }).click()
  await page.getByRole('button', { name: 'Unlink' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()
  await page.getByText('Your session has ended.').waitFor()
}, refused))

test('many providers fit a small phone', withPage(async (page) => {
  await page.goto(stack.url)
  await text(page, 'Sign in with The lab account')
  await fitsWidth(page)
}, { viewport: { width: 320, height: 640 } }))
