// Alarms: one comes live, is acknowledged, shelved and reset; two who do the same at once; journal and figures.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const mark = Date.now()
const names = { hot: `Hot <i>${mark}</i>`, loud: `Loud ${mark}`, latched: `Latched ${mark}` }

async function ask(path, body) {
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers: { Prefer: 'return=representation' } })
  const words = await answer.text()
  assert.ok(answer.ok, words)
  return JSON.parse(words)
}

const [event] = await ask('/events', { name: `Alarms ${mark}`, unit: '°C', min_value: 0, max_value: 100 })
const rules = { [names.hot]: { severity: 'critical' }, [names.loud]: { severity: 'low' }, [names.latched]: { severity: 'high', latched: true } }
for (const [name, rule] of Object.entries(rules))
  await ask('/rpc/save_rule', {
    rule: { name, event_id: event.id, operator: 'gt', threshold: 50, cooldown_seconds: 0, actions: [{ kind: 'alarm' }], ...rule },
  })

const measure = (value) => ask('/rpc/ingest', { points: [{ event_id: event.id, value }] })

const row = (page, name) => page.getByRole('table', { name: 'Alarms' }).getByRole('row').filter({ hasText: name })
const inDialog = (page) => page.getByRole('dialog')
const press = (page, name) => inDialog(page).getByRole('button', { name, exact: true }).click()
const counts = (page) => page.getByRole('banner').getByRole('link', { name: /^Alarms not acknowledged: .*\d critical/ })

test('the life of an alarm', withPage(async (page, t) => {
  await openAs(page, 'operator', '/alarms')

  await t.test('it comes by itself, with priority, message and the count in the header', async () => {
    await measure(60)
    await row(page, names.hot).getByText(`Alarms ${mark} is 60 °C`).waitFor()
    await row(page, names.hot).getByText('active, not acknowledged').waitFor()
    await row(page, names.hot).getByLabel('Priority 1, critical, not acknowledged').waitFor()
    await counts(page).waitFor()
    await isAccessible(page)
  })

  await t.test('it is acknowledged with a comment', async () => {
    await row(page, names.hot).getByRole('button', { name: 'Acknowledge' }).click()
    await inDialog(page).getByLabel('Comment').fill('x'.repeat(1001))
    await press(page, 'Acknowledge')
    await inDialog(page).getByText('Comment must be 1 to 1000 characters').waitFor()
    await inDialog(page).getByLabel('Comment').fill('fan <b>on</b>')
    await isAccessible(page)
    await press(page, 'Acknowledge')
    await row(page, names.hot).getByText('active, acknowledged').waitFor()
  })

  await t.test('several at once, and who was quicker is said', async () => {
    const [loud] = await (await asProgram(`/alarms?name=eq.${encodeURIComponent(names.loud)}&select=id`)).json()
    await row(page, names.loud).getByRole('checkbox').check()
    await row(page, names.latched).getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Acknowledge 2 selected' }).click()
    // somebody else is quicker
    await ask('/rpc/acknowledge_alarm', { alarm_ids: [loud.id] })
    await press(page, 'Acknowledge')
    await page.getByRole('status').filter({ hasText: `${names.loud} had been acknowledged before, by ${stack.username}` }).waitFor()
    await row(page, names.latched).getByText('active, acknowledged').waitFor()
  })

  await t.test('it is shelved with a reason, and unshelved', async () => {
    await row(page, names.loud).getByRole('button', { name: 'Shelve' }).click()
    await inDialog(page).getByLabel('For how long').selectOption('8 hours')
    await inDialog(page).getByLabel('Reason').fill('sensor is being changed')
    await press(page, 'Shelve')
    const silent = page.getByRole('table', { name: 'Silent' }).getByRole('row').filter({ hasText: names.loud })
    await silent.waitFor()
    const shelf = page.getByRole('listitem').filter({ hasText: names.loud })
    await shelf.getByText('sensor is being changed').waitFor()
    await shelf.getByRole('button', { name: 'Unshelve' }).click()
    await silent.waitFor({ state: 'detached' })
    await row(page, names.loud).getByText('active, not acknowledged').or(row(page, names.loud).getByText('active, acknowledged')).waitFor()
  })

  await t.test('a latched one is reset after it has returned, and is gone', async () => {
    assert.equal(await row(page, names.latched).getByRole('button', { name: 'Reset' }).count(), 0)
    await measure(20)
    await row(page, names.latched).getByText('latched, to be reset').waitFor()
    await row(page, names.latched).getByRole('button', { name: 'Reset' }).click()
    await press(page, 'Reset')
    await row(page, names.latched).waitFor({ state: 'detached' })
  })

  await t.test('the journal has it all', async () => {
    await page.getByRole('link', { name: 'Journal' }).click()
    await page.getByLabel('Alarm contains').fill(String(mark))
    await page.getByLabel('Step').selectOption('acknowledged')
    await page.getByRole('row').filter({ hasText: names.hot }).getByText('fan <b>on</b>').waitFor()
    assert.equal(new URL(page.url()).searchParams.get('f.step'), 'acknowledged')
    await isAccessible(page)
    await page.getByRole('link', { name: names.hot }).first().click()
    await page.getByRole('heading', { name: names.hot }).waitFor()
    await text(page, 'fan <b>on</b>')
    await isAccessible(page)
    await page.getByRole('link', { name: 'Curve around the time' }).click()
    await page.waitForURL(/\/events\/.*from=/)
    await page.locator('canvas').first().waitFor()
  })

  await t.test('the figures count', async () => {
    await page.goto(`${stack.url}/alarms/figures`)
    await text(page, 'Alarms announced in an hour')
    await page.getByRole('button', { name: '7 days' }).click()
    await page.getByRole('region', { name: /Time until somebody acknowledged/ }).getByText(names.hot).waitFor()
    await isAccessible(page)
    await page.setViewportSize({ width: 360, height: 640 })
    await fitsWidth(page)
  })
}, { expectedErrors: /400/ }))

test('who only looks is offered nothing to do', withPage(async (page) => {
  await measure(70)
  await openAs(page, 'viewer', '/alarms')
  await row(page, names.hot).waitFor()
  assert.equal(await page.getByRole('main').getByRole('button').count(), 0)
  assert.equal(await page.getByRole('main').getByRole('checkbox').count(), 0)
  await page.setViewportSize({ width: 360, height: 640 })
  await fitsWidth(page)
}))
