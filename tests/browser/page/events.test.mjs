// Events as administrators keep them: listed, made, changed, archived, deleted for ever; what others are offered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const now = Date.now()
const NAME = `Kept ${now}`
const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const panel = (page, name) => page.locator('section.panel').filter({ has: page.getByRole('heading', { name, exact: true }) })

async function makes(page) {
  await page.getByRole('button', { name: 'Make an event' }).click()
  await dialog(page).getByLabel('Name', { exact: true }).fill(NAME)
  await dialog(page).getByLabel(/^Unit/).fill('kg')
  await dialog(page).getByLabel('Highest usual value').fill('-5')
  await press(page, 'Make an event')
  await dialog(page).getByText(/must be less than/).waitFor()
  await isAccessible(page)
  await dialog(page).getByLabel('Highest usual value').fill('50')
  await press(page, 'Make an event')
  await page.getByRole('heading', { name: NAME }).waitFor()
}

async function changes(page) {
  await page.getByRole('button', { name: 'Change', exact: true }).click()
  await dialog(page).getByLabel(/^Area/).fill('Store <1>')
  await press(page, 'Save')
  await text(page, 'Store <1>')
  await panel(page, 'History of changes').getByText('area', { exact: false }).first().waitFor()
}

async function showsItsRules(page) {
  const address = page.url()
  await page.getByRole('link', { name: 'Make a rule' }).click()
  await text(page, 'In plain words')
  await page.goto(address)
  await text(page, 'No rule watches it')
  await page.setViewportSize({ width: 360, height: 640 })
  await fitsWidth(page)
  await page.setViewportSize({ width: 1440, height: 900 })
}

async function archives(page) {
  await page.getByRole('button', { name: 'Archive', exact: true }).click()
  await press(page, 'Archive')
  await page.getByRole('button', { name: 'Take back' }).click()
  await press(page, 'Take back')
  await page.getByRole('button', { name: 'Archive', exact: true }).click()
  await press(page, 'Archive')
  await text(page, '· archived')
}

async function deletes(page) {
  await page.getByRole('button', { name: 'Delete for ever' }).click()
  await dialog(page).getByLabel(/Type its name/).fill('another')
  await press(page, 'Delete for ever')
  await text(page, 'This is not its name')
  await dialog(page).getByLabel(/Type its name/).fill(NAME)
  await press(page, 'Delete for ever')
  await page.waitForURL(/\/events$/)
  await page.goto(`${stack.url}/events?f.name=${encodeURIComponent(NAME)}`)
  await text(page, 'Nothing matches')
}

test('an event of an administrator', withPage(async (page, t) => {
  await openAs(page, 'admin', '/events')
  const steps = [
    ['is made; what is wrong stands beside its field', makes],
    ['is changed, and that is noted', changes],
    ['has rules, or a way to the first', showsItsRules],
    ['is archived and taken back', archives],
    ['is deleted for ever by who types its name', deletes],
  ]
  for (const [name, step] of steps) await t.test(name, () => step(page))
}, { expectedErrors: /status of 4\d\d/ }))

test('an operator sets a value, and changes no event', withPage(async (page) => {
  const answer = await asProgram('/events?name=like.*Heater power')
  const [{ public_id: id }] = await answer.json()
  await openAs(page, 'operator', `/events/${id}`)
  const part = panel(page, 'Set a value')
  await part.getByRole('spinbutton').fill('30')
  await part.getByRole('button', { name: 'Set', exact: true }).click()
  await dialog(page).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Change', exact: true }).count(), 0)
  assert.equal(await page.getByRole('heading', { name: 'History of changes' }).count(), 0)
}))
