// The pictures of README and docs, taken anew from a running system: `make run`, `webmacs demo --days 30`, then
//   WEBMACS_URL=http://127.0.0.1:8000 WEBMACS_USERNAME=admin WEBMACS_PASSWORD=… node docs/pictures/take.mjs
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const { chromium } = createRequire(new URL('../../frontend/package.json', import.meta.url))('playwright-core')
const { WEBMACS_URL: url, WEBMACS_USERNAME: username, WEBMACS_PASSWORD: password } = process.env
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
const settled = () => page.waitForTimeout(3000)

async function take(name, address, before = async () => {}) {
  await page.goto(url + address)
  await settled()
  await before()
  await settled()
  await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, import.meta.url)) })
}

const choose = async (name) => {
  await page.getByRole('searchbox', { name: 'Search events' }).fill(name)
  await page.getByRole('checkbox', { name }).check()
}

await page.goto(url)
await page.getByLabel('User name or e-mail').fill(username)
await page.getByLabel('Password', { exact: true }).fill(password)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.locator('.tile').first().waitFor()

await take('overview', '/')
await take('alarms', '/alarms')
await take('dashboard', '/dashboards', () => page.locator('main').getByRole('link').first().click())
await take('rule', '/rules', () => page.locator('main').getByRole('link', { name: /Bed/ }).first().click())
await take('explore', '/explore', async () => {
  await page.getByRole('button', { name: 'Choose events' }).click()
  for (const name of ['Reactor Bed temperature', 'Reactor Heater power']) await choose(name)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: '6 h', exact: true }).click()
})
await take('controllers', '/controllers', () => page.locator('main').getByRole('link').first().click())
await browser.close()
