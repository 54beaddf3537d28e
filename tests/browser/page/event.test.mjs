import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changes, fillSignIn, fitsWidth, isLive, openOverview, stack, text, withPage } from './browser.mjs'

const newest = (page) => page.locator('section > table')
/** To the millisecond: late and in time, two may come within the tenth of a second that is shown. */
const times = (page) => newest(page).locator('time').evaluateAll((all) => all.map(({ dateTime }) => dateTime))

/** The page of the first event whose value is current. */
async function openEvent(page) {
  await openOverview(page)
  await page.locator('.tile.current.good').first().click()
  await page.locator('canvas').waitFor()
  await newest(page).locator('tbody tr').first().waitFor()
}

async function dragOverCurve(page) {
  const plot = await page.locator('.u-over').boundingBox()
  await page.mouse.move(plot.x + plot.width / 3, plot.y + plot.height / 2)
  await page.mouse.down()
  await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height / 2, { steps: 4 })
  await page.mouse.up()
}

test('the newest values come live, each once, the newest first', withPage(async (page) => {
  await openEvent(page)
  await changes(page, async () => (await times(page)).join())
  const shown = await times(page)
  assert.equal(new Set(shown).size, shown.length)
}))

test('the chosen range stands in the address, and a link shows it', withPage(async (page) => {
  await openEvent(page)
  await page.getByRole('button', { name: '1 h' }).click()
  await page.waitForURL(/range=3600/)
  await page.reload()
  await page.locator('button[aria-pressed=true]', { hasText: '1 h' }).waitFor()
}))

test('dragging zooms in, a double click returns', withPage(async (page) => {
  await openEvent(page)
  await dragOverCurve(page)
  const back = page.getByRole('button', { name: 'Back to live' })
  await back.waitFor()
  await page.locator('.u-over').dblclick()
  await back.waitFor({ state: 'detached' })
}))

test('an event that does not exist is said so', withPage(async (page) => {
  await page.goto(`${stack.url}/events/00000000-0000-4000-8000-000000000000`)
  await fillSignIn(page)
  await text(page, 'No such event')
}))

test('an address that does not exist helps on', withPage(async (page) => {
  await page.goto(`${stack.url}/nowhere`)
  await text(page, 'There is no such page')
  await page.getByRole('link', { name: 'Go to the overview' }).click()
  await fillSignIn(page)
  await isLive(page)
}))

test('it fits a small phone', withPage(async (page) => {
  await openEvent(page)
  await fitsWidth(page)
  // far below the curve, which nobody sees then
  await newest(page).scrollIntoViewIfNeeded()
  await changes(page, async () => (await times(page)).join())
}, { viewport: { width: 360, height: 640 } }))
