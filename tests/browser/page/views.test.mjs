// Every view, for each role: whether it is offered, whether it opens, and that nobody is kept out by how it is made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsWidth, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const EVERYBODY = ['viewer', 'operator', 'admin']
const SMALL = { width: 360, height: 640 }
const LARGE = { width: 1440, height: 900 }

/** `link`: what it is called in the navigation, if it is there. `shows`: when that is there it has come. */
const VIEWS = [
  { path: '/', link: 'Overview', roles: EVERYBODY, shows: '.tile' },
  { path: '/dashboards', link: 'Dashboards', roles: EVERYBODY, shows: 'h1:has-text("Dashboards")' },
  { path: '/events', link: 'Events', roles: EVERYBODY, shows: 'tbody tr' },
  { path: '/alarms', link: 'Alarms', roles: EVERYBODY, shows: 'h1:has-text("Alarms")' },
  { path: '/alarms/journal', roles: EVERYBODY, shows: 'table, h2:has-text("Nothing has happened yet")' },
  { path: '/alarms/figures', roles: EVERYBODY, shows: 'text=Alarms announced in an hour' },
  { path: '/log', link: 'Log', roles: EVERYBODY, shows: 'tbody tr' },
  { path: '/explore', link: 'Explore', roles: EVERYBODY, shows: 'text=No event is chosen' },
  { path: '/experiments', link: 'Experiments', roles: EVERYBODY, shows: 'h1:has-text("Experiments")' },
  { path: '/rules', link: 'Rules', roles: EVERYBODY, shows: 'tbody tr' },
  { path: '/rules/new', roles: ['admin'], shows: 'text=In plain words' },
  { path: '/webhooks', link: 'Webhooks', roles: ['admin'], shows: 'tbody tr, h2:has-text("No webhooks yet")' },
  { path: '/webhooks/deliveries', roles: ['admin'], shows: 'tbody tr, h2:has-text("Nothing was sent yet")' },
  { path: '/controllers', link: 'Controllers', roles: EVERYBODY, shows: 'tbody tr' },
  { path: '/packages', link: 'Packages', roles: ['admin'], shows: 'h1:has-text("Packages")' },
  { path: '/updates', link: 'Updates', roles: ['admin'], shows: 'h2:has-text("No update yet"), tbody tr' },
  { path: '/updates/bundles', roles: ['admin'], shows: 'h2:has-text("No bundle yet"), tbody tr' },
  { path: '/users', link: 'Users', roles: ['admin'], shows: 'tbody tr' },
  { path: '/access', link: 'Tokens and sessions', roles: ['admin'], shows: 'tbody tr' },
  { path: '/access/tokens', roles: ['admin'], shows: 'h1:has-text("Tokens")' },
  { path: '/access/controllers', roles: ['admin'], shows: 'tbody tr' },
  { path: '/access/failures', roles: ['admin'], shows: 'h1:has-text("Tokens")' },
  { path: '/audit', link: 'Audit', roles: ['admin'], shows: 'tbody tr' },
  { path: '/system', link: 'Storage and health', roles: ['admin'], shows: 'text=REST API: works' },
  { path: '/account', roles: EVERYBODY, shows: 'li:has-text("this one")' },
  { path: '/nowhere', roles: EVERYBODY, shows: 'text=There is no such page' },
]
const OPEN = [
  { path: '/sign-in', shows: 'text=User name or e-mail' },
  { path: '/reset#secret', shows: 'text=Choose a password' },
  { path: '/reset', shows: 'text=This address is not complete' },
]

const views = (page) => page.getByRole('navigation', { name: 'Views' })

async function isWellMade(page) {
  for (const theme of ['light', 'dark']) {
    await page.evaluate((name) => (document.documentElement.dataset.theme = name), theme)
    await isAccessible(page)
  }
  await page.setViewportSize(SMALL)
  await fitsWidth(page)
  await page.setViewportSize(LARGE)
}

/** As the page's own links go, without loading all of it again. */
async function go(page, path) {
  await page.evaluate((to) => (history.pushState({}, '', to), dispatchEvent(new PopStateEvent('popstate', { state: {} }))), path)
}

for (const role of EVERYBODY) {
  test(`what is there for the role ${role}`, withPage(async (page, t) => {
    await openAs(page, role)
    const links = await views(page).getByRole('link').all()
    const offered = await Promise.all(links.map((link) => link.evaluate((one) => one.firstChild.textContent.trim())))
    assert.deepEqual(offered, VIEWS.filter(({ link, roles }) => link && roles.includes(role)).map(({ link }) => link))
    for (const { path, roles, shows } of VIEWS)
      await t.test(path, async () => {
        await go(page, path)
        if (!roles.includes(role)) return text(page, 'This is not yours to open')
        await page.locator(shows).first().waitFor()
        if (role === 'admin') await isWellMade(page)
      })
  }))
}

test('what is open to everybody', withPage(async (page) => {
  for (const { path, shows } of OPEN) {
    await page.goto('about:blank')
    await page.goto(stack.url + path)
    await page.locator(shows).first().waitFor()
    await isWellMade(page)
  }
}))

test('an event', withPage(async (page) => {
  await openAs(page, 'viewer')
  await page.locator('.tile').first().click()
  await page.locator('canvas').first().waitFor()
  await isWellMade(page)
}))

test('a controller', withPage(async (page) => {
  await openAs(page, 'viewer', '/controllers')
  await page.getByRole('link', { name: 'demo' }).click()
  await page.getByRole('row', { name: /Bed temperature/ }).first().waitFor()
  assert.equal(await page.getByRole('button', { name: 'Make a token' }).count(), 0)
  await isWellMade(page)
}))

test('on a phone the views are behind a button', withPage(async (page) => {
  await openAs(page, 'operator')
  const menu = page.getByRole('button', { name: 'Menu' })
  assert.equal(await views(page).isVisible(), false)
  await menu.click()
  await views(page).getByRole('link', { name: 'Log' }).click()
  await page.getByRole('heading', { name: 'Log' }).waitFor()
  assert.equal(await views(page).isVisible(), false)
  await menu.click()
  await isAccessible(page)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await text(page, 'User name or e-mail')
}, { viewport: SMALL }))

test('whatever has a name is found by keyboard', withPage(async (page) => {
  await openAs(page, 'viewer')
  await page.locator('.tile').first().waitFor()
  await page.keyboard.press('/')
  const field = page.getByRole('combobox', { name: 'Search' })
  await field.fill('Bed temp')
  const found = page.getByRole('option', { selected: true })
  await found.filter({ hasText: 'Bed temperature' }).waitFor()
  await isAccessible(page)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/events\//)
  await page.keyboard.press('Control+k')
  await field.fill('us')
  await text(page, /Nothing is called|Disk used/)
  assert.equal(await page.getByRole('option').filter({ hasText: 'Users' }).count(), 0)
  await field.fill('e')
  await text(page, /Only the first 8 are shown of each: .*Event/)
  await page.keyboard.press('Escape')
  await field.waitFor({ state: 'detached' })
}))
