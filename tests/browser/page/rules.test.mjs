// Rules: one is made in the page, says what it does, is tried on the past, fires, is changed, switched off and deleted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, text, withPage } from './browser.mjs'

const mark = Date.now()
const name = `Too hot <b>${mark}</b>`
const now = Date.now()

async function ask(path, body) {
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers: { Prefer: 'return=representation' } })
  const words = await answer.text()
  assert.ok(answer.ok, words)
  return JSON.parse(words)
}

const [event] = await ask('/events', { name: `Oven ${mark}`, unit: '°C', min_value: 0, max_value: 100 })
await ask('/events', { name: `Fan ${mark}`, unit: '%', min_value: 0, max_value: 100, event_type: 'actuator' })
const measure = (value, at = Date.now()) =>
  ask('/rpc/ingest', { points: [{ event_id: event.id, value, timestamp: new Date(at).toISOString() }] })
// half an hour of the past, with two peaks
for (const [minute, value] of [[-30, 20], [-25, 60], [-20, 20], [-10, 70], [-5, 30]]) await measure(value, now + minute * 60_000)

const form = (page) => page.getByRole('region', { name: 'Rule', exact: true })
const field = (page, label) => form(page).getByLabel(label, { exact: true })
const sentence = (page) => page.getByRole('region', { name: 'In plain words' })
const trial = (page) => page.getByRole('region', { name: 'What it would have done' })
/** Numbers and units are kept together. */
const says = (page, words) => sentence(page).getByText(new RegExp(words.replaceAll(' ', '\\s').replaceAll('.', '\\.'))).waitFor()

test('a rule is made, tried, and watches', withPage(async (page, t) => {
  await openAs(page, 'admin', '/rules')

  await t.test('it says what it will do while it is written', async () => {
    await page.getByRole('button', { name: 'Make a rule' }).click()
    await says(page, 'When an event that is still to be chosen is above …: raise an alarm of medium severity.')
    await field(page, 'Event').selectOption({ label: `Oven ${mark} (°C)` })
    await field(page, 'Limit').fill('50')
    await field(page, 'Deadband').fill('5')
    await form(page).getByLabel('write a log entry').check()
    await field(page, 'Cooldown').fill('0')
    await says(page, `When Oven ${mark} is above 50 °C: write a log entry and raise an alarm of medium severity. It is over when the value is 45 °C or less.`)
    await isAccessible(page)
  })

  await t.test('it is tried on the past before it is saved', async () => {
    await trial(page).getByRole('button', { name: '1 h' }).click()
    await trial(page).getByRole('button', { name: 'Try it on the past' }).click()
    await trial(page).getByText('It would have acted 2 times, in 5 values.').waitFor()
    assert.equal(await trial(page).locator('.strip rect').count(), 2)
    await trial(page).getByRole('listitem').filter({ hasText: `Oven ${mark} is 70 °C` }).getByText('for 5 min').waitFor()
    await field(page, 'Limit').fill('')
    await trial(page).getByText('Fill in “Limit” first.').waitFor()
    await field(page, 'Limit').fill('65')
    await trial(page).getByText('The rule has changed since.').waitFor()
    await trial(page).getByRole('button', { name: 'Try it on the past' }).click()
    await trial(page).getByText('It would have acted once, in 5 values.').waitFor()
    await isAccessible(page)
  })

  await t.test('the server says beside the field what is wrong with it', async () => {
    await field(page, 'Name').fill(` ${name}`)
    await form(page).getByRole('button', { name: 'Make the rule' }).click()
    await form(page).getByText('Name must be 1 to 255 characters').waitFor()
    assert.equal(await field(page, 'Name').getAttribute('aria-invalid'), 'true')
    await field(page, 'Name').fill(name)
    await form(page).getByRole('button', { name: 'Set an output' }).click()
    await field(page, 'Output 1').selectOption({ label: `Fan ${mark}` })
    await field(page, 'Value of output 1').fill('200')
    await form(page).getByRole('button', { name: 'Make the rule' }).click()
    await form(page).getByRole('alert').filter({ hasText: `the range of Fan ${mark}` }).waitFor()
    await field(page, 'Value of output 1').fill('80')
    await says(page, `and set Fan ${mark} to 80 %`)
  })

  await t.test('saved, it fires, and its alarm comes', async () => {
    await form(page).getByRole('button', { name: 'Make the rule' }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.waitForURL(/\/rules\/[0-9a-f-]{36}$/)
    await measure(66)
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    await page.getByRole('row').filter({ hasText: name }).getByText(`Oven ${mark} is 66 °C`).waitFor()
  })

  await t.test('the list tells how it is; it is switched off, and its alarm returns', async () => {
    await page.getByRole('link', { name: 'Rules', exact: true }).click()
    await page.getByLabel('Name contains').fill(String(mark))
    const row = page.getByRole('row').filter({ hasText: name })
    await row.getByText('active').waitFor()
    await row.getByText(new RegExp(`When Oven ${mark} is above 65\\s°C`)).waitFor()
    await row.getByRole('button', { name: 'Switch off' }).click()
    await row.locator('.off').waitFor()
    await row.getByRole('link', { name }).click()
    await says(page, 'It is switched off.')
  })

  await t.test('each kind of condition has its own fields, and is saved', async () => {
    await field(page, 'What is watched').selectOption('that nothing comes')
    assert.equal(await field(page, 'Limit').count(), 0)
    await field(page, 'For how long').fill('90')
    await says(page, `When nothing comes from Oven ${mark} for 90 s`)
    await field(page, 'What is watched').selectOption('how fast it changes')
    await field(page, 'Condition').selectOption('between, limits included')
    await field(page, 'Lower limit').fill('2')
    await field(page, 'Upper limit').fill('1')
    await form(page).getByRole('button', { name: 'Save' }).click()
    await form(page).getByText('Upper limit must not be less than Lower limit').waitFor()
    await field(page, 'Condition').selectOption('outside of')
    await field(page, 'Lower limit').fill('-1')
    await form(page).getByRole('button', { name: 'Save' }).click()
    await form(page).getByText('Deadband must be at most half of the range').waitFor()
    await field(page, 'Deadband').fill('0')
    await form(page).getByRole('button', { name: 'Save' }).click()
    await sentence(page).getByText('Saved.').waitFor()
    await page.reload()
    await says(page, `When the change of Oven ${mark}, taken over 60 s, is below −1 °C/s or above 1 °C/s`)
    assert.equal(await field(page, 'Value of output 1').inputValue(), '80')
    await page.setViewportSize({ width: 360, height: 640 })
    await fitsWidth(page)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  await t.test('what somebody else saved meanwhile is not written over unasked', async () => {
    const theirs = async () => (await (await asProgram(`/rules?name=eq.${encodeURIComponent(name)}`)).json())[0]
    const { id, version } = await theirs()
    await ask('/rpc/save_rule', { rule: { id, version, cooldown_seconds: 7 } })
    await field(page, 'Lower limit').fill('-3')
    await form(page).getByRole('button', { name: 'Save' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Somebody else changed it').waitFor()
    await isAccessible(page)
    assert.equal((await theirs()).threshold, -1)
    await dialog.getByRole('button', { name: 'Take theirs, drop mine' }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.deepEqual([await field(page, 'Lower limit').inputValue(), await field(page, 'Cooldown').inputValue()], ['-1', '7'])
  })

  await t.test('whoever leaves it with changes is asked', async () => {
    await field(page, 'Lower limit').fill('-4')
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stay here' }).click()
    assert.equal(await field(page, 'Lower limit').inputValue(), '-4')
    await page.getByRole('link', { name: 'Alarms', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save and go on' }).click()
    await page.getByRole('heading', { name: 'Alarms', level: 1 }).waitFor()
    await page.goBack()
    await says(page, 'is below −4 °C/s or above 1 °C/s')
  })

  await t.test('deleting asks first', async () => {
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.waitForURL(/\/rules$/)
    await text(page, /Bed hot|No rules yet|Nothing matches/)
    assert.equal(await page.getByRole('row').filter({ hasText: name }).count(), 0)
  })
}, { expectedErrors: /40[0-9]|422/ }))

test('who only looks reads and tries it', withPage(async (page) => {
  const { public_id: id } = await ask('/rpc/save_rule', { rule: { name: `Looked at ${mark}`, event_id: event.id, operator: 'gt', threshold: 50, cooldown_seconds: 0 } })
  await openAs(page, 'viewer', `/rules/${id}`)
  await says(page, `When Oven ${mark} is above 50 °C: do nothing yet.`)
  await trial(page).getByRole('button', { name: '1 h' }).click()
  await trial(page).getByRole('button', { name: 'Try it on the past' }).click()
  await trial(page).getByText(/It would have acted \d times/).waitFor()
  assert.equal(await page.getByRole('main').getByRole('button', { name: /Save|Delete|Switch/ }).count(), 0)
  await isAccessible(page)
}))
