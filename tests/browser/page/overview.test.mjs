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
  const headings = await page.locator('main section:not(.panel) > h2').allInnerTexts()
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

test('how the controllers are and what runs is said, and kept up', withPage(async (page) => {
  const name = `line ${Date.now()}`
  const asked = { method: 'POST', headers: { Prefer: 'return=representation' } }
  await openOverview(page)
  const panel = (title) => page.locator('section.panel').filter({ has: page.getByRole('heading', { name: title }) })
  await panel('Controllers').getByText(/connected for/).waitFor()
  const [{ id }] = await (await asProgram('/experiments', { ...asked, body: JSON.stringify({ name }) })).json()
  assert.ok((await asProgram('/controllers', { method: 'POST', body: JSON.stringify({ name }) })).ok)
  await panel('Running experiments').getByText(name).waitFor()
  await panel('Controllers').locator('li', { hasText: name }).getByText('waits for its first contact').waitFor()
  assert.ok((await asProgram(`/controllers?name=eq.${encodeURIComponent(name)}`, { method: 'DELETE' })).ok)
  assert.ok((await asProgram(`/experiments?id=eq.${id}`, { method: 'DELETE' })).ok)
  await panel('Running experiments').getByText(name).waitFor({ state: 'detached' })
}))
