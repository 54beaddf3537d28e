// Accounts, as an administrator keeps them, and one's own password.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, fillSignIn, isAccessible, makePerson, openAs, stack, text, withPage } from './browser.mjs'

const NEW_PASSWORD = 'other words that nobody can guess'

const row = (page, name) => page.locator('tbody tr').filter({ hasText: name })
const field = (page, name) => page.getByRole('dialog').getByLabel(name)
const press = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click()

async function open(page, name) {
  await row(page, name).getByRole('button', { name: 'Change' }).click()
  await page.getByRole('dialog').waitFor()
}

test('somebody is added, invited, changed, disabled and deleted', withPage(async (page, t) => {
  const name = `ann-${Date.now()}`
  await openAs(page, 'admin', '/users')

  await t.test('the server says beside the field what is wrong with it', async () => {
    await page.getByRole('button', { name: 'Add a user' }).click()
    await field(page, 'User name').fill('a b')
    await press(page, 'Add and invite')
    const entry = field(page, 'User name')
    await page.getByRole('dialog').getByText('User name must be 2 to 50 letters').waitFor()
    assert.equal(await entry.getAttribute('aria-invalid'), 'true')
    assert.ok(await entry.evaluate((element) => element === document.activeElement))
    await isAccessible(page)
    await entry.fill(stack.username)
    await press(page, 'Add and invite')
    await page.getByRole('dialog').getByText('User name is taken').waitFor()
  })

  await t.test('a new user is given an address, which is shown once and works', async () => {
    await field(page, 'User name').fill(name)
    await field(page, 'Role').selectOption({ label: 'operator: sees and acts' })
    await press(page, 'Add and invite')
    const address = await page.getByRole('dialog').locator('code').innerText()
    assert.match(address, new RegExp(`^${stack.url}/reset#[0-9a-f]{64}$`))
    await isAccessible(page)
    await press(page, 'I have given it')
    await row(page, name).getByText('operator').waitFor()
    assert.equal(await page.locator('code').count(), 0)
    const other = await page.context().browser().newPage()
    await other.goto(address)
    await other.getByLabel('New password').fill(NEW_PASSWORD)
    await other.getByRole('button', { name: 'Set password' }).click()
    await text(other, 'Your password is set.')
    await other.close()
  })

  await t.test('a change shows in the list', async () => {
    await open(page, name)
    await field(page, 'Role').selectOption({ label: 'viewer: sees' })
    await field(page, 'State').selectOption('disabled')
    await press(page, 'Save')
    await row(page, name).getByText('disabled').waitFor()
    await row(page, name).getByText('viewer').waitFor()
  })

  await t.test('deleting asks first', async () => {
    await open(page, name)
    await press(page, 'Delete')
    await text(page, 'This cannot be undone')
    await isAccessible(page)
    await press(page, 'Cancel')
    await open(page, name)
    await press(page, 'Delete')
    await text(page, `Delete ${name}?`)
    await press(page, 'Delete')
    await row(page, name).waitFor({ state: 'detached' })
  })

  await t.test('what no field is about stands above: the last administrator stays', async () => {
    await open(page, stack.username)
    await field(page, 'Role').selectOption({ label: 'viewer: sees' })
    await press(page, 'Save')
    await page.getByRole('alert').filter({ hasText: 'At least one active administrator must remain.' }).waitFor()
  })

  await t.test('whoever closes it with changes is asked, and goes on where they were', async () => {
    const asked = page.getByRole('dialog').filter({ hasText: 'What you changed here is not saved' })
    await page.keyboard.press('Escape')
    await asked.waitFor()
    await isAccessible(page)
    await page.keyboard.press('Escape')
    await asked.waitFor({ state: 'detached' })
    assert.equal(await field(page, 'Role').inputValue(), 'viewer')
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    await asked.getByRole('button', { name: 'Discard' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const change = row(page, stack.username).getByRole('button', { name: 'Change' })
    assert.ok(await change.evaluate((element) => element === document.activeElement))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })
}, { expectedErrors: /40[09]/ }))

test('who registered is approved', withPage(async (page) => {
  const username = `new-${Date.now()}`
  const body = JSON.stringify({ username, state: 'pending' })
  assert.ok((await asProgram('/users', { method: 'POST', body })).ok)
  await openAs(page, 'admin', '/users?f.state=pending')
  await row(page, username).getByRole('button', { name: 'Approve' }).click()
  await row(page, username).waitFor({ state: 'detached' })
  await page.getByLabel('State').selectOption('active')
  await row(page, username).getByText('active').waitFor()
}))

test('one changes one\'s own password', withPage(async (page) => {
  const { username, password } = await makePerson('viewer')
  await page.goto(`${stack.url}/account`)
  await fillSignIn(page, password, username)
  const [before, after] = [page.getByLabel('Present password'), page.getByLabel('New password')]
  const change = () => page.getByRole('button', { name: 'Change password' }).click()
  const says = (entry, words) => page.locator('.form-field').filter({ has: entry }).locator('.problem', { hasText: words }).waitFor()
  await before.fill(password)
  await after.fill('short')
  await change()
  await says(after, 'at least 15 characters')
  await after.fill('passwordpassword')
  await change()
  await says(after, 'too easy to guess')
  await before.fill('not the password')
  await after.fill(NEW_PASSWORD)
  await change()
  await says(before, 'The old password is wrong.')
  await before.fill(password)
  await change()
  await text(page, 'Your password is changed.')
  assert.equal(await after.inputValue(), '')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await fillSignIn(page, NEW_PASSWORD, username)
  await page.getByRole('banner').getByText(username, { exact: true }).waitFor()
}, { expectedErrors: /403|422/ }))
