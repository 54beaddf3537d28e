// Packages of plugins: uploaded, given to a controller, which says what became of it, taken away, deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAccessible, openAs, text, withPage } from './browser.mjs'

const WHEEL = process.env.WEBMACS_WHEEL
const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const row = (page, name) => page.locator('tbody tr').filter({ hasText: name })

test('a package is uploaded, given and taken away', withPage(async (page, t) => {
  await openAs(page, 'admin', '/packages')
  await page.getByRole('button', { name: 'Upload a package' }).click()

  await t.test('what is no wheel is refused with the reason', async () => {
    await text(page, 'A package is code.')
    await dialog(page).getByLabel('Wheel').setInputFiles({ name: 'lab_lamp-1.0-py3-none-any.whl', mimeType: 'application/zip', buffer: Buffer.from('no zip') })
    await press(page, 'Upload')
    assert.match(await dialog(page).getByRole('alert').innerText(), /zip/i)
    await isAccessible(page)
  })

  await t.test('a wheel is stored', async () => {
    await dialog(page).getByLabel('Wheel').setInputFiles(WHEEL)
    await press(page, 'Upload')
    await text(page, 'lab-lamp 1.0 is stored.')
    await dialog(page).getByText('Close', { exact: true }).click()
    await row(page, 'lab-lamp').getByText('on none').waitFor()
  })

  await t.test('its controller trusts nobody, and says so', async () => {
    await row(page, 'lab-lamp').getByRole('button', { name: 'Give to controllers' }).click()
    await isAccessible(page)
    await press(page, 'Give demo')
    await dialog(page).getByRole('button', { name: 'Take away demo' }).waitFor()
    await page.keyboard.press('Escape')
    await row(page, 'lab-lamp').getByText('refused: demo').waitFor()
    await row(page, 'lab-lamp').locator('.detail').filter({ hasText: /sign/ }).waitFor()
    assert.equal(await row(page, 'lab-lamp').getByRole('button', { name: 'Delete' }).count(), 0)
    await isAccessible(page)
  })

  await t.test('it is taken away and deleted', async () => {
    await row(page, 'lab-lamp').getByRole('button', { name: 'Give to controllers' }).click()
    await press(page, 'Take away demo')
    await dialog(page).getByRole('button', { name: 'Give demo' }).waitFor()
    await page.keyboard.press('Escape')
    await row(page, 'lab-lamp').getByRole('button', { name: 'Delete' }).click()
    await press(page, 'Delete')
    await text(page, 'No package yet')
  })
}, { expectedErrors: /400/ }))
