// What becomes of a dashboard: shared, copied, taken to a file and back, deleted; and who may do what with it.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { asProgram, openAs, text, withPage } from './browser.mjs'

const NAME = `Kept ${Date.now()}`
const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => page.getByRole('button', { name, exact: true }).click()
const pressed = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const widget = (page, name) => page.getByRole('article', { name, exact: true })
const list = (page) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Dashboards' }).click()

/** What the database has of it. */
async function stored(name) {
  const [row] = await (await asProgram(`/dashboards?name=eq.${encodeURIComponent(name)}`)).json()
  return row
}

async function make() {
  const [{ public_id: bed }] = await (await asProgram('/events?name=eq.Reactor%20Bed%20temperature')).json()
  const widgets = [{ id: 'a', type: 'number', x: 0, y: 0, w: 6, h: 11, options: { events: [bed] } }]
  await asProgram('/dashboards', { method: 'POST', body: JSON.stringify({ name: NAME, widgets }) })
  return stored(NAME)
}

test('a dashboard is shared, copied, saved as a file and deleted', withPage(async (page, t) => {
  const { public_id: id } = await make()
  await openAs(page, 'admin', `/dashboards/${id}`)
  await widget(page, 'Reactor Bed temperature').waitFor()

  await t.test('it is shared by its name and sharing', async () => {
    await press(page, 'Name and sharing')
    await dialog(page).getByLabel('Show it to everybody').check()
    await pressed(page, 'Save')
    await text(page, 'own, shared with all')
    assert.equal((await stored(NAME)).shared, true)
  })

  await t.test('a copy is a dashboard of its own', async () => {
    await press(page, 'Copy')
    await page.getByRole('heading', { name: `${NAME} (copy)` }).waitFor()
    assert.equal((await stored(`${NAME} (copy)`)).shared, false)
  })

  await t.test('it is taken to a file and back; a broken file is refused with the reason', async () => {
    const [file] = await Promise.all([page.waitForEvent('download'), press(page, 'Save as a file')])
    const content = await readFile(await file.path(), 'utf8')
    await list(page)
    await press(page, 'Open a file')
    const open = (buffer) => dialog(page).getByLabel('File').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(buffer) })
    await open('{"panels": []}')
    await dialog(page).getByText('was not saved from a dashboard').waitFor()
    await open(content.replace('"h": 11', '"h": 99'))
    await pressed(page, 'Make a dashboard of it')
    await dialog(page).getByText(/\[\d\]\.h must be a whole number from 1 to 50/).waitFor()
    await open(content)
    await dialog(page).getByLabel('Name').fill(`${NAME} again`)
    await pressed(page, 'Make a dashboard of it')
    await page.getByRole('heading', { name: `${NAME} again` }).waitFor()
    assert.deepEqual((await stored(`${NAME} again`)).widgets, (await stored(`${NAME} (copy)`)).widgets)
  })

  await t.test('it is deleted', async () => {
    await press(page, 'Name and sharing')
    await pressed(page, 'Delete')
    await pressed(page, 'Delete')
    await page.waitForURL(/\/dashboards$/)
    assert.equal(await stored(`${NAME} again`), undefined)
  })
}, { expectedErrors: /status of 400/ }))

test('what somebody may see of it, and no more', withPage(async (page) => {
  await openAs(page, 'viewer', '/dashboards')
  const row = page.locator('tbody tr').filter({ hasText: NAME })
  await row.getByRole('link').click()
  await widget(page, 'Reactor Bed temperature').waitFor()
  await press(page, 'Full screen')
  await page.getByRole('button', { name: 'Leave full screen' }).click()
  for (const name of ['Edit', 'Name and sharing']) assert.equal(await page.getByRole('button', { name }).count(), 0)
  await press(page, 'Copy')
  await page.getByRole('heading', { name: `${NAME} (copy)` }).waitFor()
  await press(page, 'Name and sharing')
  assert.equal(await dialog(page).getByLabel('Show it to everybody').count(), 0)
}))
