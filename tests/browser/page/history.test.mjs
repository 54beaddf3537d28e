// Long ranges of one event: an envelope, zooming, the live end, files. Signed in once, for all share one event.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { asProgram, fitsWidth, isAccessible, openOverview, stack, text, withPage } from './browser.mjs'

const DAY = 86_400_000
const SPIKE = 4321
const YEAR = 'range=31536000'
const POOLED = 'Band: lowest to highest'
const now = Date.now()
/** An hourly value from 300 to 100 days ago, an outage of 20 days, and one spike. */
const past = Array.from({ length: 200 * 24 }, (_, hour) => now - 300 * DAY + (hour * DAY) / 24)
  .filter((t) => t < now - 220 * DAY || t > now - 200 * DAY)
  .map((t, i) => ({ timestamp: new Date(t).toISOString(), value: i === 1000 ? SPIKE : 10 + (i % 7) }))
const spikeAt = Date.parse(past[1000].timestamp)

async function post(page, path, body) {
  const headers = { Prefer: 'return=representation' }
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers })
  const words = await answer.text()
  assert.ok(answer.ok, words)
  return JSON.parse(words)
}

async function ingest(page, event, points) {
  const { rejected } = await post(page, '/rpc/ingest', { points: points.map((point) => ({ event_id: event.id, ...point })) })
  assert.deepEqual(rejected, [])
}

/** A new event with that past. */
async function makeEvent(page) {
  const [event] = await post(page, '/events', { name: `History ${now}`, unit: 'V', min_value: 0, max_value: 5000 })
  await ingest(page, event, past)
  return event
}

async function open(page, event, query = YEAR) {
  await page.goto(`${stack.url}/events/${event.public_id}?${query}`)
  await page.locator('canvas').waitFor()
}

/** Points at a place of the curve from 0 (left) to 1 (right). */
async function pointAt(page, place) {
  const plot = await page.locator('.u-over').boundingBox()
  await page.mouse.move(plot.x + place * plot.width, plot.y + plot.height / 2)
}

/** Whether the curve reaches half the height there, give or take two pixels. */
async function isDrawnAt(page, place) {
  return page.locator('canvas').evaluate((canvas, at) => {
    const over = canvas.parentElement.querySelector('.u-over')
    const [left, width, top, height] = [over.offsetLeft, over.offsetWidth, over.offsetTop, over.offsetHeight]
    const colours = canvas.getContext('2d').getImageData(left + at * width - 2, top + height / 2, 5, 1).data
    return [0, 1, 2, 3, 4].some((pixel) => colours[4 * pixel + 2] - colours[4 * pixel] > 20)
  }, place)
}

const legendSays = (page, words) => page.locator('.legend', { hasText: words }).waitFor()
const status = (page) => page.locator('.foot [role=status]').first().innerText()

async function showsTheSpike(page, event) {
  await open(page, event)
  await text(page, POOLED)
  const place = 1 - (Date.now() - spikeAt) / (365 * DAY)
  while (!(await isDrawnAt(page, place))) await page.evaluate(() => new Promise(requestAnimationFrame))
  assert.ok(!(await isDrawnAt(page, place + 0.02)))
}

async function zoomsIn(page, event) {
  await open(page, event)
  await text(page, POOLED)
  const before = await status(page)
  const finer = page.waitForRequest((request) => {
    const asked = request.url().endsWith('/rpc/series') && request.postDataJSON()
    return asked && Date.parse(asked.to) - Date.parse(asked.from) < 60 * DAY
  })
  await pointAt(page, 0.3)
  await page.mouse.down()
  await pointAt(page, 0.4)
  await page.mouse.up()
  await finer
  while ([before, 'Loading…'].includes(await status(page))) await page.evaluate(() => new Promise(requestAnimationFrame))
  await page.getByRole('button', { name: 'Back to live' }).click()
  await text(page, before)
}

async function goesOnLive(page, event) {
  await open(page, event)
  await text(page, POOLED)
  await ingest(page, event, [{ timestamp: new Date().toISOString(), value: 2468 }])
  await page.locator('section > table').getByText(/2.468/).waitFor()
  await pointAt(page, 0.9999)
  await legendSays(page, /2.468/)
}

async function takesAnOwnRange(page, event) {
  const day = (ago) => new Date(now - ago * DAY).toISOString().slice(0, 10)
  const [from, to] = ['From', 'To'].map((name) => page.getByLabel(name, { exact: true }))
  await open(page, event)
  await page.getByRole('button', { name: 'From–to' }).click()
  await from.fill(`${day(250)}T00:00`)
  await to.fill(`${day(260)}T00:00`)
  await text(page, 'The end must be after the begin')
  await to.fill(`${day(240)}T00:00`)
  await page.getByRole('button', { name: 'Show', exact: true }).click()
  await page.waitForURL(/from=.*to=/)
  await page.reload()
  await from.waitFor()
  await pointAt(page, 0.5)
  await legendSays(page, `${new Date(now - 245 * DAY).getFullYear()}`)
}

async function saysThatNothingIsThere(page, event) {
  await open(page, event, 'from=2015-01-01T00:00:00Z&to=2015-01-02T00:00:00Z')
  await text(page, 'No values in this range')
}

/** Presses a button that saves a file, and reads it. */
async function saved(page, name) {
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name, exact: true }).click()
  const download = await downloading
  return { name: download.suggestedFilename(), content: await readFile(await download.path()) }
}

async function savesFiles(page, event) {
  const addresses = []
  page.on('request', (request) => addresses.push(request.url()))
  await open(page, event)
  const csv = await saved(page, 'CSV')
  assert.match(csv.name, /^webmacs_History-.*\.csv$/)
  assert.ok(csv.content.toString().trim().split('\n').length > past.length)
  const packed = await saved(page, 'CSV, gzip')
  assert.match(packed.name, /\.csv\.gz$/)
  assert.equal(gunzipSync(packed.content).toString(), csv.content.toString())
  const lines = (await saved(page, 'NDJSON')).content.toString().trim().split('\n').map(JSON.parse)
  assert.equal(Math.max(...lines.map(({ value }) => value)), SPIKE)
  assert.deepEqual(addresses.filter((address) => /eyJ|token=/.test(address)), [])
}

async function saysThatAFileFailed(page, event) {
  await open(page, event)
  await page.route(/\/export\//, (route) => route.abort())
  await page.getByRole('button', { name: 'CSV', exact: true }).click()
  await text(page, 'The server cannot be reached')
}

async function fitsAPhone(page, event) {
  await page.setViewportSize({ width: 360, height: 640 })
  await open(page, event)
  const range = page.getByLabel('Time range')
  await range.selectOption('1 min')
  await page.waitForURL(/range=60$/)
  await page.getByRole('button', { name: 'One range back' }).click()
  await range.getByText('60 s, past').waitFor({ state: 'attached' })
  await range.selectOption('From–to')
  await page.getByLabel('From', { exact: true }).waitFor()
  await isAccessible(page)
  await fitsWidth(page)
}

test('the history of an event', withPage(async (page, t) => {
  await openOverview(page)
  const event = await makeEvent(page)
  const steps = [
    ['a year shows a spike of one value', showsTheSpike],
    ['zooming in reads the window at its own resolution, and back', zoomsIn],
    ['what arrives goes on where the range ends now', goesOnLive],
    ['a range of one\'s own is read, stands in the address, and cannot be upside down', takesAnOwnRange],
    ['a range without values is said so', saysThatNothingIsThere],
    ['what is shown is saved as files, and no address has the token', savesFiles],
    ['a file that cannot be had is said so', saysThatAFileFailed],
    ['it fits a small phone', fitsAPhone],
  ]
  for (const [name, step] of steps) await t.test(name, () => step(page, event))
}, { expectedErrors: /ERR_FAILED/ }))
