// Controllers: found, made with a token that is shown once, renamed, deleted; what they read, live.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, changes, isAccessible, openAs, text, withPage } from './browser.mjs'

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
    assert.equal(await page.title(), `${name}-b – Controller – WebMACS`)
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

const settings = (page) => page.getByRole('region', { name: 'Settings' })

test('an instance is made by the form of its plugin, and its channels are mapped', withPage(async (page, t) => {
  const name = `Pilot ${Date.now()}`
  await openAs(page, 'admin', '/controllers')
  await page.getByRole('link', { name: 'demo' }).click()

  await t.test('a wrong setting is refused beside its field', async () => {
    await page.getByRole('link', { name: 'Add an instance Simulated fluidised bed' }).click()
    await settings(page).getByLabel('Name').fill(name)
    await settings(page).getByLabel('Seed').fill('1.5')
    await settings(page).getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('.form-field').filter({ hasText: 'Seed' }).getByText('Seed must be a whole number').waitFor()
    assert.equal(await settings(page).getByLabel('Seed').getAttribute('aria-invalid'), 'true')
    await isAccessible(page)
  })

  await t.test('it works, and its values come', async () => {
    await settings(page).getByLabel('Seed').fill('7')
    await settings(page).getByLabel('Read every').fill('0.5')
    await settings(page).getByRole('button', { name: 'Add', exact: true }).click()
    await page.waitForURL(/\/instances\//)
    const channels = page.getByRole('region', { name })
    const value = channels.getByRole('row', { name: /Bed temperature/ }).locator('.value')
    await value.filter({ hasText: /\d/ }).waitFor()
    await changes(page, () => value.innerText())
    await channels.getByText('demo', { exact: true }).waitFor()
    await isAccessible(page)
  })

  await t.test('a channel is unmapped, and mapped to an event of its own name', async () => {
    const humidity = page.getByRole('row', { name: /Exhaust humidity/ })
    await humidity.getByRole('button', { name: 'Change' }).click()
    await dialog(page).getByLabel('Feeds the event').selectOption({ label: 'none: its values are not kept' })
    await isAccessible(page)
    await press(page, 'Save')
    await humidity.getByText('none: its values are not kept').waitFor()
    await humidity.getByRole('button', { name: 'Change' }).click()
    await press(page, 'Make a new event for it')
    await dialog(page).getByLabel('Name').fill(`${name} damp`)
    await press(page, 'Make and map')
    await humidity.getByRole('link', { name: `${name} damp` }).waitFor()
    await humidity.locator('.value').filter({ hasText: /\d/ }).waitFor()
  })

  await t.test('what is wrong with a calibration is said beside it, and a right one is kept', async () => {
    const flow = page.getByRole('row', { name: /Volume flow/ })
    await flow.getByRole('button', { name: 'Change' }).click()
    const point = async (raw, means) => {
      await press(page, 'Add to Calibration')
      await dialog(page).getByLabel('Device gives').last().fill(raw)
      await dialog(page).getByLabel('Means').last().fill(means)
    }
    await point('0', '1000')
    await press(page, 'Save')
    await dialog(page).getByText('Calibration must be null or a list of 2 to 100 pairs').waitFor()
    await point('100', '1100')
    await dialog(page).getByLabel('Sends').selectOption('change')
    await press(page, 'Save')
    await dialog(page).waitFor({ state: 'detached' })
    await flow.locator('.value').filter({ hasText: /1.?0\d\d/ }).waitFor()
  })

  await t.test('it is changed, and deleted', async () => {
    await settings(page).getByLabel('Noise').fill('0')
    await settings(page).getByRole('button', { name: 'Save' }).click()
    await text(page, 'Saved. Its controller takes the change')
    assert.equal(await settings(page).getByLabel('Noise').inputValue(), '0')
    await settings(page).getByRole('button', { name: 'Delete' }).click()
    await press(page, 'Delete')
    await page.getByRole('heading', { name: 'demo' }).waitFor()
    await page.getByRole('region', { name }).waitFor({ state: 'detached' })
  })

  // its events would stand in the overview for ever
  const archived = JSON.stringify({ archived_at: new Date().toISOString() })
  await asProgram(`/events?name=like.${encodeURIComponent(name)}*`, { method: 'PATCH', body: archived })
}, { expectedErrors: /400/ }))

test('an output moves only while another value is as it must be', withPage(async (page, t) => {
  await openAs(page, 'admin', '/controllers')
  await page.getByRole('link', { name: 'demo' }).click()
  const interlocks = page.getByRole('region', { name: 'Interlocks' })
  const sentence = interlocks.getByRole('listitem').filter({ hasText: 'Reactor Valve position moves only while Machine CPU is from 0 %' })

  await t.test('what is missing is said beside its field', async () => {
    await interlocks.getByRole('button', { name: 'Add an interlock' }).click()
    await dialog(page).getByLabel('What it guards').selectOption({ label: 'Reactor Valve position (%)' })
    await dialog(page).getByLabel('Whose value decides').selectOption({ label: 'Machine CPU (%)' })
    await dialog(page).getByLabel('Moves while it').selectOption('between')
    await dialog(page).getByLabel('Limit', { exact: true }).fill('0')
    await press(page, 'Save')
    await dialog(page).getByText('Upper limit must be given').waitFor()
    await isAccessible(page)
  })

  await t.test('it is added, and deleted', async () => {
    await dialog(page).getByLabel('Upper limit').fill('100')
    await press(page, 'Save')
    await sentence.waitFor()
    await sentence.getByRole('button', { name: 'Delete' }).click()
    await press(page, 'Delete')
    await sentence.waitFor({ state: 'detached' })
  })
}, { expectedErrors: /400/ }))
