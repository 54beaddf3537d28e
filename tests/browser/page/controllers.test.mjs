// Controllers: found, made with a token that is shown once, renamed, deleted; what they read, live.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changes, isAccessible, openAs, text, withPage } from './browser.mjs'

const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const row = (page, name) => page.locator('tbody tr').filter({ hasText: name })

test('a controller is added, renamed and deleted', withPage(async (page, t) => {
  const name = `tank-${Date.now()}`
  await openAs(page, 'admin', '/controllers')

  await t.test('a name that is taken is refused beside its field', async () => {
    await page.getByRole('button', { name: 'Add a controller' }).click()
    await dialog(page).getByLabel('Name').fill('demo')
    await press(page, 'Add and make its token')
    await dialog(page).locator('.form-field', { hasText: 'Name' }).locator('.problem').first().waitFor()
    await isAccessible(page)
  })

  await t.test('its token is shown once', async () => {
    await dialog(page).getByLabel('Name').fill(name)
    await press(page, 'Add and make its token')
    assert.match(await dialog(page).locator('code').innerText(), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    await isAccessible(page)
    await press(page, 'I have put it there')
    await page.getByRole('heading', { name }).waitFor()
    await text(page, 'waits for its first contact')
    assert.equal(await page.locator('code').count(), 0)
  })

  await t.test('it is renamed', async () => {
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await dialog(page).getByLabel('Name').fill(`${name}-b`)
    await press(page, 'Save')
    await page.getByRole('heading', { name: `${name}-b` }).waitFor()
  })

  await t.test('it is deleted, after it was asked', async () => {
    await page.getByRole('button', { name: 'Delete' }).click()
    await press(page, 'Delete')
    await row(page, 'demo').waitFor()
    assert.equal(await row(page, name).count(), 0)
  })
}, { expectedErrors: /409/ }))

test('what a controller reads is shown live', withPage(async (page) => {
  await openAs(page, 'viewer', '/controllers')
  await row(page, 'demo').getByText('connected').waitFor()
  await page.getByRole('link', { name: 'demo' }).click()
  await text(page, /version \d+, told/)
  const value = page.getByRole('region', { name: 'Reactor' }).getByRole('row', { name: /Bed temperature/ }).locator('.value')
  await changes(page, () => value.innerText())
  await page.getByRole('link', { name: 'Reactor Bed temperature' }).click()
  await page.waitForURL(/\/events\//)
}))
