import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, changes, fitsWidth, openOverview, withPage } from './browser.mjs'

const values = (page) => page.locator('.tile .value').allInnerTexts()

test('each event has a tile with its newest value, and values move by themselves', withPage(async (page) => {
  await openOverview(page)
  assert.ok((await values(page)).length > 5)
  await changes(page, async () => (await values(page)).join())
}))

test('events stand under their area', withPage(async (page) => {
  await openOverview(page)
  const events = await (await asProgram('/events?select=area,name&archived_at=is.null')).json()
  const headings = await page.locator('main section h2').allInnerTexts()
  const areas = new Set(events.map(({ area }) => area ?? 'Other'))
  if (areas.size > 1) assert.deepEqual(new Set(headings), areas)
}))

test('a hostile name is shown as text', withPage(async (page) => {
  await openOverview(page)
  const hostile = `<img src=x onerror="document.title='harmed'">`
  const [event] = await (await asProgram('/events?select=id,name&order=id&limit=1')).json()
  await rename(event.id, hostile)
  try {
    await page.reload()
    await page.getByText(hostile, { exact: true }).waitFor()
    assert.equal(await page.title(), 'Overview – WebMACS')
  } finally {
    await rename(event.id, event.name)
  }
}))

test('it fits a small phone', withPage(async (page) => {
  await openOverview(page)
  await fitsWidth(page)
}, { viewport: { width: 360, height: 640 } }))

async function rename(id, name) {
  const answer = await asProgram(`/events?id=eq.${id}`, { method: 'PATCH', body: JSON.stringify({ name }) })
  assert.ok(answer.ok, await answer.text())
}
