import { test } from 'node:test'
import { asProgram, changes, isLive, openOverview, switchable, text, withPage } from './browser.mjs'

test('a cut is said and survived: polling meanwhile, then live again', withPage(async (page) => {
  const line = await switchable(page)
  await openOverview(page)
  await line.cut()
  await text(page, /Connection lost\. The values below/)
  await page.locator('.tile.disconnected').first().waitFor()
  await text(page, 'Values are fetched every 2 seconds')
  await changes(page, async () => (await page.locator('.tile .value').allInnerTexts()).join())
  line.mend()
  // unless it has just tried by itself, and the button is gone
  await Promise.any([page.getByRole('button', { name: 'Try now' }).click(), isLive(page)])
  await isLive(page)
  await page.locator('.banner').waitFor({ state: 'detached' })
}))

test('an ended session leads to the sign-in page, with a sentence', withPage(async (page) => {
  await openOverview(page)
  await asProgram('/rpc/revoke_all', { method: 'POST', body: '{}' })
  await text(page, 'Your session has ended')
  await page.getByLabel('User name or e-mail').waitFor()
}, { expectedErrors: /401|Authentication failed/ }))

test('when the API is away the overview says so and offers to try again', withPage(async (page) => {
  await openOverview(page)
  await page.route(/\/events\?/, (route) => route.abort())
  await page.reload()
  await text(page, 'The server cannot be reached')
  await page.unroute(/\/events\?/)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.tile').first().waitFor()
}, { expectedErrors: /ERR_FAILED/ }))
