// Who has tokens and sessions, who changed what, how the disk fills: for administrators.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fillSignIn, isAccessible, makePerson, openAs, signInForm, stack, text, withPage } from './browser.mjs'

const HOSTILE = '<img src=x onerror="document.title=1">'
const row = (page, name) => page.locator('tbody tr').filter({ hasText: name })
const press = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()
const change = (path, body, method = 'PATCH') => asProgram(path, { method, body: JSON.stringify(body) })

test('somebody is signed out elsewhere, and seen to be', withPage(async (page, t) => {
  const { username, password } = await makePerson('viewer')
  const other = await (await page.context().browser().newContext()).newPage()
  await other.goto(stack.url)
  await fillSignIn(other, password, username)
  await other.getByRole('banner').getByText(username, { exact: true }).waitFor()
  await openAs(page, 'admin', `/access?f.username=${username}`)

  await t.test('after it was asked', async () => {
    await row(page, username).getByRole('button', { name: `Sign out ${username}`, exact: true }).click()
    await isAccessible(page)
    await press(page, 'Sign out')
    await row(page, username).getByText('ended').waitFor()
    await signInForm(other)
  })

  await t.test('a login that failed stands under failures', async () => {
    await fillSignIn(other, 'certainly not the password', username)
    await text(other, /wrong|not right|incorrect/i)
    await page.getByRole('link', { name: 'Failed logins' }).click()
    await row(page, username).getByText('wrong password').waitFor()
  })

  await t.test('controllers have tokens, too', async () => {
    await page.getByRole('link', { name: 'Tokens of controllers' }).click()
    await row(page, 'demo').getByText('valid').first().waitFor()
  })
  await other.context().close()
}, { expectedErrors: /40[13]/ }))

test('the audit log says who changed what', withPage(async (page, t) => {
  assert.ok((await change('/controllers?name=eq.demo', { description: HOSTILE })).ok)
  assert.ok((await change('/controllers?name=eq.demo', { description: null })).ok)
  await openAs(page, 'admin', '/audit')

  await t.test('before and after, as text', async () => {
    await page.getByLabel('What', { exact: true }).selectOption({ label: 'controllers' })
    await page.getByLabel('Done', { exact: true }).selectOption({ label: 'changed' })
    const newest = row(page, 'description').first()
    await newest.locator('summary').click()
    await newest.locator('td td').getByText(HOSTILE).waitFor()
    await newest.locator('td td').getByText('nothing').waitFor()
    await isAccessible(page)
  })

  await t.test('within a time', async () => {
    await page.getByLabel('Before').fill('2020-01-01T00:00')
    await page.getByLabel('Before').blur()
    await text(page, 'Nothing matches these filters.')
    assert.match(page.url(), /f\.changed_at=\.\.2020/)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await row(page, 'description').first().waitFor()
  })

  await t.test('what is seen is saved', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
    assert.equal(download.suggestedFilename(), 'audit.csv')
  })

  await t.test('it is what was sealed', async () => {
    await page.getByRole('button', { name: 'Check all of it now' }).click()
    await text(page, /Nothing was changed: .* entries under/)
  })
}))

test('storage and health', withPage(async (page, t) => {
  await openAs(page, 'admin', '/system')

  await t.test('each part says how it is', async () => {
    await text(page, 'Database: works')
    await text(page, 'Taking values: works')
  })

  await t.test('how long is kept is changed, and a wrong number refused beside its field', async () => {
    await page.getByRole('button', { name: 'Change each value' }).click()
    const age = page.getByRole('dialog').getByLabel('Kept for')
    await age.fill('40000')
    await press(page, 'Save')
    await page.getByRole('dialog').getByText('Kept for must be from 1 to 36500').waitFor()
    await isAccessible(page)
    await age.fill('3650')
    await press(page, 'Save')
    await row(page, 'each value').first().getByText('3\u202f650 days').waitFor()
    assert.ok((await change('/retention?unit=eq.raw', { age_days: null })).ok)
  })

  await t.test('and of other records, within what may be chosen', async () => {
    await page.getByRole('button', { name: 'Change log entries: info' }).click()
    const kept = page.getByRole('dialog').getByLabel('Kept for')
    await kept.fill('6')
    await page.getByRole('dialog').getByLabel('When the disk is nearly full').fill('')
    await press(page, 'Save')
    await page.getByRole('dialog').getByText('Kept for must not be shorter').waitFor()
    await isAccessible(page)
    await kept.fill('500')
    await press(page, 'Save')
    await row(page, 'log entries: info').first().getByText('500 days').waitFor()
    assert.ok((await change('/housekeeping?what=eq.log_info', { days: 365, least_days: 30 })).ok)
  })

  await t.test('the pieces of history', async () => {
    await page.getByText('Pieces', { exact: true }).click()
    await text(page, 'made ahead')
    await isAccessible(page)
  })
}, { expectedErrors: /400/ }))
