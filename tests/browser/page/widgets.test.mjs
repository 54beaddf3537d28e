// Every kind of widget on one dashboard: that each shows what it is for, and what is shown of those that cannot.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, isAccessible, openAs, text, withPage } from './browser.mjs'

const NAME = `All kinds ${Date.now()}`
const KINDS = ['curve', 'number', 'gauge', 'led', 'table', 'alarms', 'switch', 'slider', 'button', 'text']
const widget = (page, n) => page.getByRole('article').nth(n)

async function make() {
  const rows = await (await asProgram('/events?area=eq.Reactor&select=name,public_id')).json()
  const event = (name) => rows.find((row) => row.name === `Reactor ${name}`).public_id
  const options = {
    curve: { events: [event('Bed temperature'), event('Chamber pressure')], span: '300' },
    number: { events: [event('Bed temperature')], title: 'Bed', spark: true, range: true },
    gauge: { events: [event('Bed temperature')], title: 'Never normal', min: 0, max: 250, low: 240 },
    led: { events: [event('Chamber pressure')], title: 'Pressure', threshold: 0.5, onText: 'there', abnormal: 'on' },
    table: { events: [event('Bed temperature'), event('Inlet temperature')] },
    alarms: { most: 5 },
    switch: { events: [event('Valve position')] },
    slider: { events: [event('Heater power')] },
    button: { events: [event('Valve position')], label: '<i>Half</i>', value: 50 },
    text: { text: 'First line\nSecond line', large: true },
  }
  const widgets = KINDS.map((type, n) => ({ id: type, type, x: (n % 3) * 8, y: Math.floor(n / 3) * 9, w: 8, h: 9, options: options[type] }))
  const odd = { x: 8, y: 27, w: 8, h: 9 }
  widgets.push({ ...odd, id: 'later', type: 'hologram', options: {} }, { ...odd, x: 16, id: 'gone', type: 'number', options: { events: ['00000000-0000-4000-8000-000000000000'] } })
  const asked = { method: 'POST', headers: { Prefer: 'return=representation' }, body: JSON.stringify({ name: NAME, shared: true, widgets }) }
  const [{ public_id: id }] = await (await asProgram('/dashboards', asked)).json()
  return id
}

test('every kind of widget', withPage(async (page, t) => {
  const id = await make()
  await openAs(page, 'operator', `/dashboards/${id}`)
  const is = (kind) => widget(page, KINDS.indexOf(kind))

  await t.test('shows its events as they are now', async () => {
    await is('curve').locator('canvas').waitFor()
    await is('number').getByText(/^\d+\.\d$/).waitFor()
    await is('gauge').getByText('below 240').waitFor()
    await is('led').getByText('there').waitFor()
    await is('led').getByText('not as it should be').waitFor()
    assert.equal(await is('table').locator('tbody tr').count(), 2)
    await is('alarms').locator('.alarm-list').waitFor()
    await is('switch').getByRole('group', { name: 'Switch Reactor Valve position' }).waitFor()
    await is('slider').getByRole('slider').waitFor()
    await is('button').getByRole('button', { name: '<i>Half</i>' }).waitFor()
    await text(page, 'First line')
  })

  await t.test('what cannot be shown says why, and keeps nobody else from it', async () => {
    await text(page, 'does not know widgets of the type hologram')
    await text(page, '1 event of this widget is not there any more')
  })

  await t.test('keeps nobody out, in light and dark, on a phone and full screen', async () => {
    for (const theme of ['light', 'dark']) {
      await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme)
      await isAccessible(page)
    }
    await page.setViewportSize({ width: 360, height: 640 })
    await fitsWidth(page)
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByRole('button', { name: 'Full screen' }).click()
    await page.getByRole('banner').waitFor({ state: 'hidden' })
    await page.keyboard.press('Escape')
    await page.getByRole('banner').waitFor()
  })

  await t.test('curves show the range that is chosen for all of them, and a link shows the same', async () => {
    await page.getByLabel('Curves show').selectOption({ label: 'the last 1 h' })
    await page.waitForURL(/range=3600/)
    await page.reload()
    await is('curve').locator('canvas').waitFor()
    assert.equal(await page.getByLabel('Curves show').inputValue(), '3600')
  })
}))

/** As long as the database allows, and without a place to break: name, unit, value. */
async function makeLong() {
  const asked = { method: 'POST', headers: { Prefer: 'return=representation' } }
  const name = `${Date.now()}-${'Kesselwassertemperaturregelung'.repeat(8)}`
  const limits = { min_value: -2e11, max_value: 2e11 }
  const long = { name, unit: 'kWh'.repeat(85), area: 'W'.repeat(200), event_type: 'actuator', ...limits }
  const [event] = await (await asProgram('/events', { ...asked, body: JSON.stringify(long) })).json()
  const points = [{ event_id: event.id, value: -123456789012 }]
  assert.ok((await asProgram('/rpc/ingest', { method: 'POST', body: JSON.stringify({ points }) })).ok)
  const options = { events: [event.public_id], title: name, text: name, label: name, onText: name, offText: name, low: 0, spark: true, range: true }
  const widgets = KINDS.map((type, n) => ({ id: type, type, x: 0, y: n * 9, w: 8, h: 9, options }))
  const [board] = await (await asProgram('/dashboards', { ...asked, body: JSON.stringify({ name: name.slice(0, 100), shared: true, widgets }) })).json()
  return { event, board }
}

test('whatever they and the header show, the page is no wider', withPage(async (page) => {
  const { event, board } = await makeLong()
  const counts = ['critical', 'high', 'medium', 'low'].map((severity, n) => ({ severity, priority: n + 1, open: 100, unacknowledged: 100, silenced: 0 }))
  // of each severity a hundred, which no test could wait for
  await page.route('**/alarm_counts?*', (route) => route.fulfill({ json: counts }))
  try {
    await openAs(page, 'operator', `/dashboards/${board.public_id}`)
    await page.setViewportSize({ width: 360, height: 640 })
    for (const n of KINDS.keys()) {
      await widget(page, n).scrollIntoViewIfNeeded()
      const body = await widget(page, n).locator('.body').elementHandle()
      // none is wider than its place, as soon as it is drawn for it
      await page.waitForFunction((one) => one.innerText !== '' && one.scrollWidth <= one.clientWidth, body)
      await fitsWidth(page)
    }
  } finally {
    await asProgram(`/dashboards?id=eq.${board.id}`, { method: 'DELETE' })
    await asProgram('/rpc/purge_event', { method: 'POST', body: JSON.stringify({ event_id: event.id }) })
  }
}))

test('an empty dashboard begins with all of an area, if one likes', withPage(async (page) => {
  await openAs(page, 'operator', '/dashboards')
  await page.getByRole('button', { name: 'Make a dashboard' }).click()
  await page.getByRole('dialog').getByLabel('Name').fill(`Area ${Date.now()}`)
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click()
  await page.getByLabel('begin with everything of the area').selectOption('Reactor')
  await page.getByRole('button', { name: 'Put it here' }).click()
  await page.locator('canvas').first().waitFor()
  await widget(page, 12).waitFor()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await text(page, 'Saved.')
}))
