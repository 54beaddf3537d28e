// Actuators on a dashboard: commanded by a switch, a slider and a button, by those who may.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, isAccessible, openAs, withPage } from './browser.mjs'

const dialog = (page) => page.getByRole('dialog')
const pressed = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()

test('an actuator is commanded, after a question, and its state is told', withPage(async (page, t) => {
  const event = async (name) => (await (await asProgram(`/events?name=eq.${encodeURIComponent(name)}`)).json())[0].public_id
  const [valve, heater] = [await event('Reactor Valve position'), await event('Reactor Heater power')]
  const at = (id, type, x, events, options) => ({ id, type, x, y: 0, w: 6, h: 6, options: { events: [events], ...options } })
  const widgets = [
    at('a', 'switch', 0, valve, { onValue: 100, offValue: 0, onText: 'Open', offText: 'Shut' }),
    at('b', 'slider', 6, heater, { min: 0, max: 100, step: 1 }),
    at('c', 'button', 12, valve, { label: 'Half', value: 50, ask: false }),
  ]
  const body = JSON.stringify({ name: `Controls ${Date.now()}`, shared: true, widgets })
  const [{ public_id: id }] = await (await asProgram('/dashboards', { method: 'POST', body, headers: { Prefer: 'return=representation' } })).json()
  const control = (n) => page.getByRole('article').nth(n)

  await t.test('who may not is offered nothing', async () => {
    await openAs(page, 'viewer', `/dashboards/${id}`)
    await control(0).getByText('%').waitFor()
    assert.equal(await page.getByRole('article').getByRole('button').count(), 0)
    await page.getByRole('button', { name: 'Sign out' }).click()
  })

  await openAs(page, 'operator', `/dashboards/${id}`)
  await t.test('a switch asks, and tells that it was done', async () => {
    await control(0).getByRole('button', { name: 'Open' }).click()
    await dialog(page).getByText('will be commanded to 100.0 %').waitFor()
    await isAccessible(page)
    await pressed(page, 'Set it')
    await control(0).getByText('100.0 %: done').waitFor()
    await control(0).getByRole('button', { name: 'Open', pressed: true }).waitFor()
  })

  await t.test('a button that does not ask commands at once, and others see what became of it', async () => {
    await control(2).getByRole('button', { name: 'Half' }).click()
    await control(2).getByText('50.0 %: done').waitFor()
    await control(0).getByText('50.0 %: done').waitFor()
  })

  await t.test('what the server refuses is said where it was asked', async () => {
    await control(1).getByRole('spinbutton').fill('250')
    await control(1).getByRole('spinbutton').blur()
    await control(1).locator('form').evaluate((form) => (form.noValidate = true))
    await control(1).getByRole('button', { name: 'Set' }).click()
    await pressed(page, 'Set it')
    await dialog(page).getByRole('alert').waitFor()
    await pressed(page, 'Cancel')
  })
}, { expectedErrors: /status of (409|422)/ }))
