// An experiment from its start to its end: events, notes, files, figures, export. Each role signs in once.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const now = Date.now()
const NAME = `Trial <b>${now}</b>`
const EVENT = `Tried ${now}`
const panel = (page, name) => page.locator('section.panel').filter({ has: page.getByRole('heading', { name, exact: true }) })

async function post(path, body) {
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers: { Prefer: 'return=representation' } })
  const words = await answer.text()
  assert.ok(answer.ok, words)
  return words === '' ? null : JSON.parse(words)
}

async function starts(page) {
  await page.getByRole('button', { name: 'Start an experiment' }).click()
  await page.getByLabel('Name', { exact: true }).fill(NAME)
  await page.getByRole('textbox', { name: /^Kind/ }).fill('trial')
  await page.getByRole('radio', { name: 'Only these' }).check()
  await page.getByRole('button', { name: 'Start now' }).click()
  await text(page, 'Choose at least one event')
  await page.getByRole('searchbox', { name: 'Search events' }).fill(EVENT)
  await page.getByRole('checkbox', { name: EVENT }).check()
  await isAccessible(page)
  await page.getByRole('button', { name: 'Start now' }).click()
  await page.waitForURL(/\/experiments\/[0-9a-f-]{36}/)
  await page.getByRole('heading', { name: NAME }).waitFor()
}

async function keepsParameters(page) {
  const dialog = page.getByRole('dialog')
  const add = dialog.getByRole('button', { name: /Add to Parameters/ })
  await page.getByRole('button', { name: 'Change', exact: true }).first().click()
  for (const [i, [name, value]] of [['Speed', '5'], ['Speed', 'A <b>7</b>']].entries()) {
    await add.click()
    await dialog.getByLabel('Name', { exact: true }).nth(i + 1).fill(name)
    await dialog.getByLabel(/^Value/).nth(i).fill(value)
  }
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.getByText('has “Speed” twice').waitFor()
  await isAccessible(page)
  await dialog.getByLabel('Name', { exact: true }).nth(2).fill('Batch')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.locator('dl').getByText('A <b>7</b>').waitFor()
  const [{ parameters }] = await (await asProgram(`/experiments?name=eq.${encodeURIComponent(NAME)}`)).json()
  assert.deepEqual(parameters, { Speed: 5, Batch: 'A <b>7</b>' })
}

async function notes(page) {
  const part = panel(page, 'Notes')
  await part.getByRole('textbox').fill('It smells\nof <i>almonds</i>')
  await part.getByRole('button', { name: 'Add the note' }).click()
  await part.getByRole('listitem').getByText('of <i>almonds</i>').waitFor()
  await part.getByRole('button', { name: 'Change' }).click()
  await part.getByRole('textbox').fill('It smells of nothing')
  await part.getByRole('button', { name: 'Save' }).click()
  await part.getByRole('listitem').getByText('of nothing').waitFor()
}

async function attaches(page) {
  const part = panel(page, 'Files')
  const content = Buffer.from([0, 1, 2, 254, 255])
  await part.getByLabel(/Attach a file/).setInputFiles({ name: 'Grün 50%.bin', mimeType: 'application/x-trial', buffer: content })
  const downloading = page.waitForEvent('download')
  await part.getByRole('button', { name: /^Grün 50%\.bin/ }).click()
  const download = await downloading
  assert.equal(download.suggestedFilename(), 'Grün 50%.bin')
  assert.deepEqual(await readFile(await download.path()), content)
  await part.getByLabel(/Attach a file/).setInputFiles({ name: 'empty/..', mimeType: '', buffer: content })
  await part.getByRole('alert').waitFor()
}

async function summedUp(page, event) {
  const points = [1, 2, 6].map((value, i) => ({ event_id: event.id, timestamp: new Date(Date.now() - 3 + i).toISOString(), value }))
  await post('/rpc/ingest', { points })
  await page.reload()
  const row = panel(page, 'What was measured').getByRole('row', { name: EVENT })
  await row.waitFor()
  assert.deepEqual(await row.getByRole('cell').allInnerTexts(), ['1', '6', '3', '1', '6', '3', '100 %'])
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'CSV', exact: true }).click()
  const lines = (await readFile(await (await downloading).path())).toString().trim().split('\n')
  assert.equal(lines.length, 4)
  await isAccessible(page)
}

async function stops(page) {
  await page.getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click()
  await page.getByText('stopped', { exact: true }).waitFor()
  assert.equal(await page.getByRole('button', { name: 'Stop', exact: true }).count(), 0)
}

async function leadsToItsCurves(page) {
  const address = page.url()
  await page.getByRole('link', { name: 'Curves' }).click()
  await page.locator('.legend').getByText(EVENT).waitFor()
  await page.goto(address)
}

async function fitsAPhone(page) {
  await page.setViewportSize({ width: 360, height: 640 })
  await page.getByRole('heading', { name: NAME }).waitFor()
  await fitsWidth(page)
  await page.setViewportSize({ width: 1440, height: 900 })
}

async function changesAndDeletes(page) {
  await page.getByRole('button', { name: 'Change', exact: true }).first().click()
  await page.getByLabel('Name', { exact: true }).first().fill(`Renamed ${now}`)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: `Renamed ${now}` }).waitFor()
  await page.getByRole('button', { name: 'Delete', exact: true }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL(/\/experiments$/)
}

test('an experiment of an operator', withPage(async (page, t) => {
  const [event] = await post('/events', [{ name: EVENT, unit: 'V', min_value: 0, max_value: 10 }])
  await openAs(page, 'operator', '/experiments')
  const steps = [
    ['is started with its events; what is missing is said', starts],
    ['has parameters, changed while it runs', keepsParameters],
    ['has notes while it runs', notes],
    ['has files, whatever they are called', attaches],
    ['is summed up and saved', summedUp],
    ['is stopped, once', stops],
    ['leads to its curves', leadsToItsCurves],
    ['fits a small phone', fitsAPhone],
    ['is renamed and deleted', changesAndDeletes],
  ]
  for (const [name, step] of steps) await t.test(name, () => step(page, event))
}, { expectedErrors: /status of 4\d\d/ }))

test('a viewer reads, and is offered nothing else', withPage(async (page) => {
  const [{ public_id: id }] = await post('/rpc/start_experiment', { name: `Seen ${now}` })
  await openAs(page, 'viewer', `/experiments/${id}`)
  await page.getByRole('heading', { name: `Seen ${now}` }).waitFor()
  await panel(page, 'What was measured').getByRole('row').nth(1).waitFor()
  for (const name of ['Stop', 'Change', 'Delete', 'Add the note'])
    assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0)
  await page.goto(`${stack.url}/experiments`)
  const seen = page.getByRole('link', { name: `Seen ${now}` })
  await page.getByLabel('State').selectOption('ended')
  await page.waitForURL(/f\.stopped_at=some/)
  await seen.waitFor({ state: 'detached' })
  await page.reload()
  await page.getByLabel('State').selectOption('not ended')
  await seen.waitFor()
  assert.equal(await page.getByRole('button', { name: 'Start an experiment' }).count(), 0)
}))
