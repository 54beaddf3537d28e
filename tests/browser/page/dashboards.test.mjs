// Dashboards: made, filled, arranged by mouse and keyboard, saved, and kept from being written over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, text, withPage } from './browser.mjs'

const NAME = `Dryer ${Date.now()}`
const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => page.getByRole('button', { name, exact: true }).click()
const pressed = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const widget = (page, name) => page.getByRole('article', { name, exact: true })
const list = (page) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Dashboards' }).click()

async function add(page, type, ...events) {
  await press(page, 'Add a widget')
  await dialog(page).locator(`[data-type=${type}]`).click()
  for (const name of events) {
    await dialog(page).getByLabel('Search events').fill(name)
    await dialog(page).getByRole(events.length > 1 || type === 'curve' ? 'checkbox' : 'radio', { name }).first().check()
  }
  if (events.length > 0) await pressed(page, 'Add')
}

/** Where a widget stands and how large it is, in pixels. */
async function boxOf(page, name) {
  const { x, y, width, height } = await widget(page, name).boundingBox()
  return { x, y, width, height }
}

async function drag(page, from, by) {
  const box = await from.boundingBox()
  const [x, y] = [box.x + Math.min(12, box.width / 2), box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by.x / 2, y + by.y / 2, { steps: 5 })
  await page.mouse.move(x + by.x, y + by.y, { steps: 5 })
  await page.mouse.up()
}

/** What the database has of it. */
async function stored(name) {
  const [row] = await (await asProgram(`/dashboards?name=eq.${encodeURIComponent(name)}`)).json()
  return row
}
const change = (row, values) =>
  asProgram(`/dashboards?id=eq.${row.id}`, { method: 'PATCH', body: JSON.stringify({ ...values, version: row.version }) })

test('a dashboard from the first widget to the file', withPage(async (page, t) => {
  await openAs(page, 'admin', '/dashboards')

  await t.test('a new one says what to do, and offers it', async () => {
    await press(page, 'Make a dashboard')
    await dialog(page).getByLabel('Name').fill(NAME)
    await pressed(page, 'Make it')
    await text(page, 'Nothing is on this dashboard yet')
  })

  await t.test('widgets are there with live values as soon as they are chosen', async () => {
    await add(page, 'curve', 'Bed temperature', 'Inlet temperature')
    await page.locator('canvas').first().waitFor()
    await add(page, 'number', 'Bed temperature')
    await widget(page, 'Reactor Bed temperature').getByText(/^\d+\.\d$/).waitFor()
    await add(page, 'gauge', 'Chamber pressure')
    await add(page, 'text')
    await dialog(page).getByLabel('Text').fill('<b>Mind the step</b>')
    await pressed(page, 'Save')
    await text(page, '<b>Mind the step</b>')
    await isAccessible(page)
  })

  await t.test('they are moved and resized by mouse', async () => {
    const before = await boxOf(page, 'Reactor Chamber pressure')
    await drag(page, widget(page, 'Reactor Chamber pressure').locator('header'), { x: -260, y: 160 })
    const moved = await boxOf(page, 'Reactor Chamber pressure')
    assert.ok(moved.x < before.x - 100, `from ${before.x} to ${moved.x}`)
    const corner = page.locator('[data-id]').filter({ has: widget(page, 'Reactor Chamber pressure') }).locator('.ui-resizable-se')
    await drag(page, corner, { x: 150, y: 70 })
    const resized = await boxOf(page, 'Reactor Chamber pressure')
    assert.ok(resized.width > moved.width + 90 && resized.height > moved.height + 30, JSON.stringify({ moved, resized }))
  })

  await t.test('and by keyboard, step by step, and back', async () => {
    const before = await boxOf(page, 'Curve')
    await page.getByRole('button', { name: /^Move or resize Curve:/ }).focus()
    for (const key of ['Shift+ArrowLeft', 'Shift+ArrowLeft', 'Shift+ArrowUp']) await page.keyboard.press(key)
    await widget(page, 'Curve').getByText('10 columns wide, 10 rows high').waitFor({ state: 'attached' })
    assert.ok((await boxOf(page, 'Curve')).width < before.width)
    for (let n = 0; n < 3; n += 1) await press(page, 'Undo')
    await widget(page, 'Curve').getByText('12 columns wide, 11 rows high').waitFor({ state: 'attached' })
  })

  await t.test('whoever leaves with changes is asked, and a reload loses none', async () => {
    await list(page)
    await dialog(page).getByText('What becomes of it?').waitFor()
    await pressed(page, 'Stay here')
    page.once('dialog', (asked) => asked.accept())
    await page.reload()
    await text(page, 'Your changes that were not saved are back.')
    await press(page, 'Save')
    await text(page, 'Saved.')
    const { widgets } = await stored(NAME)
    assert.deepEqual(widgets.map(({ type }) => type).sort(), ['curve', 'gauge', 'number', 'text'])
  })

  await t.test('after a reload all is where it was put', async () => {
    await press(page, 'Done')
    const before = await boxOf(page, 'Reactor Chamber pressure')
    await page.reload()
    await widget(page, 'Reactor Chamber pressure').waitFor()
    assert.deepEqual(await boxOf(page, 'Reactor Chamber pressure'), before)
    assert.equal(await page.getByRole('button', { name: 'Add a widget' }).count(), 0)
    await isAccessible(page)
  })

  await t.test('nothing is written over what somebody else saved meanwhile', async () => {
    await press(page, 'Edit')
    await widget(page, 'Text').getByRole('button', { name: 'Remove Text' }).click()
    const row = await stored(NAME)
    assert.equal((await change(row, { widgets: row.widgets.filter(({ type }) => type !== 'gauge') })).status, 204)
    await press(page, 'Save')
    await dialog(page).getByText('Somebody else changed it').waitFor()
    await pressed(page, 'Take theirs, drop mine')
    await dialog(page).waitFor({ state: 'hidden' })
    assert.equal(await widget(page, 'Reactor Chamber pressure').count(), 0)
    await text(page, '<b>Mind the step</b>')
    await press(page, 'Done')
  })

  await t.test('on a phone widgets stand below each other', async () => {
    await page.setViewportSize({ width: 360, height: 640 })
    const [curve, number] = [await boxOf(page, 'Curve'), await boxOf(page, 'Reactor Bed temperature')]
    assert.ok(number.y >= curve.y + curve.height && number.x === curve.x)
    await fitsWidth(page)
    await page.setViewportSize({ width: 1440, height: 900 })
  })
}, { expectedErrors: /status of 409/ }))
