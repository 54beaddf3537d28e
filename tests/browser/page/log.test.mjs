// The log: unread entries, filters that stay in the address, pages, and what comes live.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fitsWidth, openAs, stack, text, withPage } from './browser.mjs'

const rows = (page) => page.locator('tbody tr')
const entry = (page, message) => rows(page).filter({ hasText: message })

async function write(entries) {
  const answer = await asProgram('/log_entries', { method: 'POST', body: JSON.stringify(entries) })
  assert.ok(answer.ok, await answer.text())
}

const some = (mark, count, level = 'info') =>
  Array.from({ length: count }, (_, i) => ({ level, source: `test ${mark}`, message: `${mark} entry ${i} <b>bold</b>` }))

test('an entry comes by itself, is unread, and is marked by an operator', withPage(async (page) => {
  const mark = `live ${Date.now()}`
  await openAs(page, 'operator', `/log?f.source=${encodeURIComponent(mark)}`)
  await text(page, 'Nothing matches these filters')
  await write(some(mark, 2, 'error'))
  const one = entry(page, `${mark} entry 1 <b>bold</b>`)
  await one.locator('.level.error').waitFor()
  const waiting = page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Log \d+.unread$/ })
  await waiting.waitFor()
  await one.getByRole('button', { name: 'Mark read' }).click()
  await one.getByText('read', { exact: true }).waitFor()
  await page.getByLabel('Read', { exact: true }).selectOption('unread')
  await one.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Mark all read' }).click()
  await text(page, 'Nothing matches these filters')
  await waiting.waitFor({ state: 'detached' })
}))

test('pages, filters and order stand in the address', withPage(async (page) => {
  const mark = `many ${Date.now()}`
  await write([...some(mark, 60), ...some(`other ${mark}`, 1, 'warning')])
  await openAs(page, 'viewer', `/log?f.source=${encodeURIComponent(mark)}`)
  await text(page, '1–50 of 61')
  assert.equal(await page.getByRole('button', { name: /Mark/ }).count(), 0)
  await page.getByRole('button', { name: 'Next page' }).click()
  await text(page, '51–61 of 61')
  await page.reload()
  await text(page, '51–61 of 61')
  await page.getByRole('button', { name: 'When' }).click()
  await text(page, '1–50 of 61')
  await entry(page, `${mark} entry 0 `).waitFor()
  await page.getByLabel('Level').selectOption('warning')
  await text(page, '1–1 of 1')
  assert.deepEqual(Object.fromEntries(new URL(page.url()).searchParams), {
    'f.source': mark, 'f.level': 'warning', sort: 'created_at',
  })
  await page.goto(`${stack.url}/log?page=400&f.source=${encodeURIComponent(mark)}`)
  await text(page, '1–50 of 61')
}, { expectedErrors: /416/ }))

test('what is looked for is text, and on a phone a row is a card', withPage(async (page) => {
  const mark = `50 % of a_b*(c),"d" ${Date.now()}`
  await write(some(mark, 1))
  await openAs(page, 'viewer', '/log')
  await page.getByText('Filters', { exact: true }).click()
  await page.getByLabel('Message contains').fill(`${mark} entry`)
  await text(page, '1–1 of 1')
  await entry(page, '<b>bold</b>').waitFor()
  await fitsWidth(page)
  await page.getByLabel('Message contains').fill('50 _ of')
  await text(page, 'Nothing matches these filters')
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await rows(page).first().waitFor()
}, { viewport: { width: 360, height: 640 } }))
