// Webhooks: one is added, its secret is shown once, it is tested, called, fails, is sent again, changed and deleted.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { after, test } from 'node:test'
import { fitsWidth, isAccessible, openAs, text, withPage } from './browser.mjs'

const name = `Control room ${Date.now()}`
/** Who is called: answers with `status`, and keeps what came. */
const called = { status: 200, answer: '<b>thanks</b>', later: {}, calls: [] }
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += part))
  request.on('end', () => {
    called.calls.push({ headers: request.headers, body })
    response.writeHead(called.status, called.later).end(called.answer)
  })
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close())
const address = `http://127.0.0.1:${server.address().port}/hook`

const row = (page) => page.getByRole('row').filter({ hasText: name })
const dialog = (page) => page.getByRole('dialog')
const field = (page, label) => dialog(page).getByLabel(label, { exact: true })
const press = (page, button) => dialog(page).getByRole('button', { name: button, exact: true }).click()

/** As docs/interfaces.md has it. */
function isSigned({ headers, body }, secret) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const wanted = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')
  return headers['webhook-signature'].split(' ').includes(`v1,${wanted}`)
}

test('the life of a webhook', withPage(async (page, t) => {
  let secret
  await openAs(page, 'admin', '/webhooks')

  await t.test('it is added, and its secret is shown once', async () => {
    await page.getByRole('button', { name: 'Add a webhook' }).click()
    await field(page, 'Name').fill(name)
    await field(page, 'Address').fill('ftp://nowhere')
    await press(page, 'Add and show the secret')
    await dialog(page).getByText('Address must begin with http:// or https://').waitFor()
    await isAccessible(page)
    await field(page, 'Address').fill(address)
    await press(page, 'Add and show the secret')
    secret = await dialog(page).locator('code').innerText()
    assert.match(secret, /^whsec_/)
    await isAccessible(page)
    await press(page, 'I have kept it')
    await row(page).getByText('alarm.*').waitFor()
    await row(page).getByText('works').waitFor()
  })

  await t.test('it is tested, and the answer is shown as text', async () => {
    await row(page).getByRole('button', { name: 'Test' }).click()
    await dialog(page).getByText('Status 200').waitFor()
    await dialog(page).getByText('<b>thanks</b>').waitFor()
    await isAccessible(page)
    assert.equal(JSON.parse(called.calls.at(-1).body).type, 'test')
    assert.ok(isSigned(called.calls.at(-1), secret))
    await press(page, 'Done')
  })

  await t.test('a new secret counts beside the one before', async () => {
    await row(page).getByRole('button', { name: 'Change' }).click()
    await press(page, 'New secret')
    await dialog(page).getByText('Until the other program knows it').waitFor()
    await press(page, 'New secret')
    const fresh = await dialog(page).locator('code').innerText()
    await press(page, 'I have kept it')
    called.status = 503
    called.answer = ''
    // not by itself after five seconds, which may be just when it is sent again here
    called.later = { 'Retry-After': '600' }
    await row(page).getByRole('button', { name: 'Test' }).click()
    await dialog(page).getByText('Status 503').waitFor()
    await dialog(page).getByText('failed, tried again').waitFor()
    await press(page, 'Done')
    assert.ok(isSigned(called.calls.at(-1), fresh) && isSigned(called.calls.at(-1), secret))
    await row(page).getByText(/failed \d times? in a row/).waitFor()
  })

  await t.test('what failed is found among the deliveries, and sent again', async () => {
    await row(page).getByRole('link', { name: 'Deliveries' }).click()
    await page.getByLabel('State', { exact: true }).selectOption('failed, tried again later')
    await page.getByRole('row').filter({ hasText: 'Status 503' }).getByRole('button', { name: 'Look' }).click()
    called.status = 204
    await press(page, 'Send again')
    await dialog(page).getByText('Status 204. The answer was empty.').waitFor()
    await press(page, 'Done')
    await text(page, 'Nothing matches these filters')
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('row').filter({ hasText: name }).getByText('delivered').first().waitFor()
    await isAccessible(page)
    await page.setViewportSize({ width: 360, height: 640 })
    await fitsWidth(page)
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  await t.test('it is changed: what it is called about, a template', async () => {
    await page.getByRole('link', { name: 'Addresses' }).click()
    await row(page).getByRole('button', { name: 'Change' }).click()
    await dialog(page).getByLabel('alarms, every step').uncheck()
    await press(page, 'Save')
    await dialog(page).getByRole('alert').filter({ hasText: 'must name at least one type' }).waitFor()
    await dialog(page).getByLabel('commands, every step').check()
    await dialog(page).getByRole('textbox', { name: /^Template/ }).fill('{"text": {message}}')
    await press(page, 'Save')
    await dialog(page).getByText('Template must be JSON').waitFor()
    await dialog(page).getByRole('textbox', { name: /^Template/ }).fill('{"text": "{message}"}')
    await press(page, 'Save')
    await row(page).getByText('command.*').waitFor()
    await row(page).getByRole('button', { name: 'Test' }).click()
    await dialog(page).getByText('{ "text": "This is a test." }').waitFor()
    await press(page, 'Done')
  })

  await t.test('deleting asks first', async () => {
    await row(page).getByRole('button', { name: 'Change' }).click()
    await press(page, 'Delete')
    await text(page, `Delete ${name}?`)
    await press(page, 'Delete')
    await row(page).waitFor({ state: 'detached' })
  })
}, { expectedErrors: /40[09]|422/ }))
