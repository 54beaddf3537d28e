// Curves of several events together: choosing, ranges, comparing, alarms, statistics, files. Signed in once.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const DAY = 86_400_000
const now = Date.now()
// the last is longer than a screen, without a place to break
const NAMES = ['Explored flow', 'Explored weight', `Explored${'speed'.repeat(40)}`].map((name) => `${name} ${now}`)
const UNITS = ['l/h', 'kg', 'm/s']
const legend = (page) => page.locator('.legend')
const frame = (page) => page.evaluate(() => new Promise(requestAnimationFrame))

async function post(path, body) {
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers: { Prefer: 'return=representation' } })
  const words = await answer.text()
  assert.ok(answer.ok, words)
  return words === '' ? null : JSON.parse(words)
}

/** Three events of three units, each with the hours of twelve days: its number, ten more on the first six days. */
async function makeEvents() {
  const events = await post('/events', NAMES.map((name, i) => ({ name, unit: UNITS[i], area: 'Explored', min_value: 0, max_value: 1000 })))
  const points = events.flatMap((event, i) =>
    Array.from({ length: 12 * 24 }, (_, hour) => ({
      event_id: event.id,
      timestamp: new Date(now - 12 * DAY + hour * (DAY / 24)).toISOString(),
      value: i + 1 + (hour < 6 * 24 ? 10 : 0),
    })),
  )
  const { rejected } = await post('/rpc/ingest', { points })
  assert.deepEqual(rejected, [])
  return events
}

const addressOf = (events, more = '') => `/explore?events=${events.map(({ public_id: id }) => id).join()}${more}`

async function open(page, path) {
  await page.goto(stack.url + path)
  await page.locator('canvas').waitFor()
}

async function choosesEvents(page) {
  await page.goto(`${stack.url}/explore`)
  await text(page, 'No event is chosen')
  await isAccessible(page)
  await page.getByRole('button', { name: 'Choose events' }).click()
  for (const name of NAMES.slice(0, 2)) {
    await page.getByRole('searchbox', { name: 'Search events' }).fill(name)
    await page.getByRole('checkbox', { name }).check()
  }
  await page.getByRole('button', { name: 'Done' }).click()
  await page.waitForURL(/events=[0-9a-f-]{36},[0-9a-f-]{36}/)
  for (const name of NAMES.slice(0, 2)) await legend(page).getByText(name).waitFor()
  await page.reload()
  for (const name of NAMES.slice(0, 2)) await legend(page).getByText(name).waitFor()
}

/** Of one line alone nothing is said of axes. */
async function hidesALine(page, events) {
  await open(page, addressOf(events.slice(0, 2)))
  const entry = legend(page).getByRole('button', { name: NAMES[0] })
  const side = legend(page).getByText('right', { exact: true })
  await side.waitFor()
  await entry.press('Enter')
  await side.waitFor({ state: 'detached' })
  assert.equal(await entry.getAttribute('aria-pressed'), 'false')
  await isAccessible(page)
  await entry.click()
  await side.waitFor()
  assert.equal(await entry.getAttribute('aria-pressed'), 'true')
}

/** How many requests for series the work makes. */
async function seriesAsked(page, work) {
  const asked = []
  const note = (request) => request.url().endsWith('/rpc/series') && asked.push(request.postDataJSON())
  page.on('request', note)
  await work()
  page.off('request', note)
  return asked
}

async function drawsThemTogether(page, events) {
  const asked = await seriesAsked(page, async () => {
    await open(page, addressOf(events, '&range=31536000'))
    await text(page, 'Band: lowest to highest')
  })
  assert.deepEqual(asked.map(({ event_ids: ids }) => ids), [events.map(({ id }) => id)])
}

async function showsWhatIsUnderTheCursor(page, events) {
  await open(page, addressOf(events, '&range=2592000'))
  const plot = await page.locator('.u-over').boundingBox()
  await page.mouse.move(plot.x + (1 - 9 / 30) * plot.width, plot.y + plot.height / 2)
  for (const [i, unit] of UNITS.entries()) await legend(page).getByText(`${i + 11} ${unit}`).waitFor()
  await legend(page).getByText('own scale').waitFor()
  await page.mouse.move(plot.x + (1 - 2 / 30) * plot.width, plot.y + plot.height / 2)
  for (const [i, unit] of UNITS.entries()) await legend(page).getByText(`${i + 1} ${unit}`, { exact: true }).waitFor()
}

async function movesAlong(page, events) {
  const day = (ago) => new Date(now - ago * DAY).toISOString()
  await open(page, addressOf(events, `&from=${day(3)}&to=${day(2)}`))
  await page.getByRole('button', { name: 'One range back' }).click()
  await page.waitForURL((address) => address.searchParams.get('from') === day(4))
  await page.getByRole('button', { name: 'One range forward' }).click()
  await page.waitForURL((address) => address.searchParams.get('from') === day(3))
  await page.getByRole('button', { name: 'Twice as long' }).click()
  await page.waitForURL((address) => address.searchParams.get('to') === day(1.5))
  await page.getByRole('button', { name: 'Now', exact: true }).click()
  await page.waitForURL(/range=172800/)
}

async function obeysKeys(page, events) {
  await open(page, addressOf(events, '&range=2592000'))
  const back = page.getByRole('button', { name: 'Back to live' })
  await page.getByRole('group', { name: /Curves of/ }).focus()
  const asked = await seriesAsked(page, async () => {
    const read = page.waitForResponse((response) => /rpc\/series/.test(response.url()) && /T/.test(response.request().postData()))
    await page.keyboard.press('+')
    await page.keyboard.press('ArrowLeft')
    await back.waitFor()
    await read
  })
  const { from, to } = asked.at(-1)
  assert.ok(Date.parse(to) - Date.parse(from) < 16 * DAY)
  await page.keyboard.press('Escape')
  await back.waitFor({ state: 'detached' })
}

async function comparesWithEarlier(page, events) {
  const day = (ago) => new Date(now - ago * DAY).toISOString()
  await open(page, addressOf(events.slice(0, 1), `&from=${day(5)}&to=${day(1)}`))
  await page.getByLabel('Compare with').selectOption('a week before')
  await page.waitForURL(/compare=604800/)
  const before = legend(page).locator('.before')
  await before.getByText('11 l/h').waitFor()
  await text(page, 'Dashed and paler')
  await page.getByLabel('Compare with').selectOption('nothing')
  await before.waitFor({ state: 'detached' })
}

async function tellsFigures(page, events) {
  const at = (ago) => new Date(now - ago * DAY).toISOString()
  await open(page, addressOf(events, `&from=${at(7)}&to=${at(5)}`))
  const row = page.getByRole('region', { name: /Statistics/ }).getByRole('row', { name: NAMES[1] })
  await row.getByText('48', { exact: true }).waitFor()
  const cells = await row.getByRole('cell').allInnerTexts()
  assert.deepEqual(cells.slice(0, 4), ['2', '12', '7', '7'])
  assert.deepEqual(cells.slice(-3), ['48', '100 %', '100 %'])
}

async function marksAlarms(page, events) {
  const rule = { name: `Explored ${now}`, event_id: events[0].id, operator: 'gt', threshold: 90, severity: 'high' }
  await post('/rpc/save_rule', { rule: { ...rule, actions: [{ kind: 'alarm' }] } })
  await open(page, addressOf(events, '&range=300'))
  await post('/rpc/ingest', { points: [{ event_id: events[0].id, timestamp: new Date().toISOString(), value: 99 }] })
  const mark = page.getByRole('list', { name: 'Alarms that were raised' }).getByRole('link', { name: new RegExp(`Explored ${now}`) })
  await mark.first().waitFor()
  await isAccessible(page)
  await mark.first().click()
  await page.waitForURL(/\/alarms\//)
}

async function savesATable(page, events) {
  const at = (ago) => new Date(now - ago * DAY).toISOString()
  await open(page, addressOf(events, `&from=${at(7)}&to=${at(5)}`))
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: /a column each/ }).click()
  const lines = (await readFile(await (await downloading).path())).toString().trim().split('\n')
  assert.equal(lines[0].split(',').length, 4)
  assert.ok(lines.length > 40)
}

async function saysWhatIsGone(page, events) {
  await open(page, `${addressOf(events)},00000000-0000-4000-8000-000000000000`)
  await text(page, 'One event of this address is not there any more')
}

async function fitsAPhone(page, events) {
  await page.setViewportSize({ width: 360, height: 640 })
  await open(page, addressOf(events, '&compare=90000'))
  await page.getByRole('region', { name: /Statistics/ }).waitFor()
  await legend(page).locator('.before').first().waitFor()
  await frame(page)
  await fitsWidth(page)
  assert.ok((await page.locator('canvas').boundingBox()).height > 150, 'the legend leaves the curves their height')
}

test('events explored together', withPage(async (page, t) => {
  const events = await makeEvents()
  await openAs(page, 'operator')
  const steps = [
    ['events are chosen, stand in the address, and a link shows them', choosesEvents],
    ['an entry of the legend hides its line, and shows it again', hidesALine],
    ['they are asked for at once', drawsThemTogether],
    ['the legend tells what is under the cursor, in each unit', showsWhatIsUnderTheCursor],
    ['the range moves back, forward, grows, and comes back to now', movesAlong],
    ['the curve obeys keys', obeysKeys],
    ['an earlier time is drawn beside', comparesWithEarlier],
    ['figures of what is shown', tellsFigures],
    ['alarms are marked, live, and lead to them', marksAlarms],
    ['what is shown is saved as a table', savesATable],
    ['an event that is gone is said so', saysWhatIsGone],
    ['it fits a small phone', fitsAPhone],
  ]
  for (const [name, step] of steps) await t.test(name, () => step(page, events))
}))
