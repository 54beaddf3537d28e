// A newcomer's first walk, by what the page itself says: dashboard, rule, alarm, yesterday, a file. Signed in once.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { asProgram, changes, isAccessible, openOverview, text, withPage } from './browser.mjs'

const mark = Date.now()
const DASHBOARD = `Walk ${mark}`
const RULE = `Walked ${mark}`
const EVENT = 'Reactor Chamber pressure'

const go = (page, name) => page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true }).click()
const button = (of, name) => of.getByRole('button', { name, exact: true })
const dialog = (page) => page.getByRole('dialog')
const curve = (page) => page.getByRole('article').filter({ hasText: EVENT })
const dayOf = (at) => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`

/** Nothing but the keyboard once it is begun: each step puts the cursor where it is wanted. */
async function makesADashboard(page) {
  await go(page, 'Dashboards')
  await button(page, 'Make a dashboard').click()
  await dialog(page).getByLabel('Name').waitFor()
  await page.keyboard.type(DASHBOARD)
  await page.keyboard.press('Enter')
  await text(page, 'Nothing is on this dashboard yet')
  await button(page, 'Add a widget').click()
  await dialog(page).getByRole('button', { name: /^Curve/ }).click()
  await dialog(page).getByRole('searchbox', { name: 'Search events' }).and(page.locator(':focus')).waitFor()
  await page.keyboard.type('chamber')
  await dialog(page).getByRole('checkbox', { name: EVENT }).check()
  await button(dialog(page), 'Add').click()
  await button(page, 'Save').click()
  await button(page, 'Done').click()
  await button(page, 'Edit').waitFor()
  await curve(page).locator('canvas').waitFor()
  await changes(page, () => curve(page).locator('.legend').innerText())
}

async function setsARule(page) {
  await go(page, 'Rules')
  await button(page, 'Make a rule').click()
  await page.getByLabel('Name', { exact: true }).fill(RULE)
  await page.getByLabel('Event', { exact: true }).selectOption({ label: `${EVENT} (bar)` })
  await text(page, /It is [\d.]+ bar now\. Its usual range is 0 to 2 bar\./)
  await page.getByLabel('Limit').fill('0.5')
  await isAccessible(page)
  assert.ok(await button(page, 'Make the rule').evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), 'at hand')
  await button(page, 'Make the rule').click()
  await page.getByRole('heading', { name: RULE, level: 1 }).waitFor()
  await text(page, 'The rule is made.')
  await page.locator('.heading .active').getByText('since').waitFor()
}

async function acknowledgesTheAlarm(page) {
  await page.getByRole('banner').getByRole('link', { name: /medium/ }).click()
  const row = page.getByRole('row').filter({ hasText: RULE })
  await row.getByText('active, not acknowledged').waitFor()
  await row.getByRole('button', { name: 'Acknowledge' }).click()
  await dialog(page).getByLabel('Comment').fill('seen')
  await button(dialog(page), 'Acknowledge').click()
  await row.getByText('active, acknowledged').waitFor()
  await row.getByRole('link', { name: RULE }).click()
  await text(page, /acknowledged by \S+/)
  await page.getByRole('link', { name: EVENT }).waitFor()
}

async function looksAtYesterday(page) {
  await go(page, 'Dashboards')
  await page.getByRole('link', { name: DASHBOARD }).click()
  await page.getByLabel('Curves show').selectOption('yesterday')
  await curve(page).getByText('Band: lowest to highest').waitFor()
  await curve(page).getByRole('link', { name: 'Explore' }).click()
  assert.equal(await button(page, 'Yesterday').getAttribute('aria-pressed'), 'true')
  await page.getByRole('region', { name: /Statistics/ }).getByRole('row', { name: EVENT }).getByText('100 %').first().waitFor()
}

async function savesIt(page) {
  const downloading = page.waitForEvent('download')
  await button(page, 'CSV').click()
  const lines = (await readFile(await (await downloading).path())).toString().trim().split('\n')
  const now = new Date()
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)
  assert.ok(lines.length > 2000, `${lines.length} lines`)
  assert.ok(lines.slice(1).every((line) => line.includes(dayOf(yesterday))), lines[1])
}

/** Before there was anything: the page says so, and leads back. */
async function returnsFromNothing(page) {
  await page.goto(page.url().replace(/from=.*/, 'from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z'))
  await text(page, 'No values in this range.')
  await button(page, 'Show the newest').click()
  await page.waitForURL(/range=86400/)
  await button(page, 'Show the newest').waitFor({ state: 'detached' })
}

test('a newcomer walks from the sign-in to a file of yesterday', withPage(async (page, t) => {
  try {
    await openOverview(page)
    await t.test('makes a dashboard with a live curve', () => makesADashboard(page))
    await t.test('sets a rule', () => setsARule(page))
    await t.test('sees its alarm and acknowledges it', () => acknowledgesTheAlarm(page))
    await t.test('looks at yesterday', () => looksAtYesterday(page))
    await t.test('saves it', () => savesIt(page))
    await t.test('finds the way back from where nothing is', () => returnsFromNothing(page))
  } finally {
    for (const [table, name] of [['rules', RULE], ['dashboards', DASHBOARD]])
      await asProgram(`/${table}?name=eq.${encodeURIComponent(name)}`, { method: 'DELETE' })
  }
}))
