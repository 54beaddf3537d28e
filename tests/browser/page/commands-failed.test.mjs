// Commands that come to nothing: refused by an interlock, failed at the device, expired because nobody was there. The
// controller is a socket of this test's, and is really away in the end.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { asProgram, controllerToken, fromFrontend, isAccessible, openAs, stack, withPage } from './browser.mjs'

const { WebSocket } = fromFrontend('ws')
const NAME = `tank-${Date.now()}`
const CHANNELS = [
  { id: 'level', name: 'Level', unit: 'm', min: 0, max: 10, direction: 'input' },
  { id: 'pump', name: 'Pump', unit: '%', min: 0, max: 100, direction: 'output', safe_value: 0 },
]
const RETURN = { Prefer: 'return=representation' }

async function post(path, body) {
  const answer = await asProgram(path, { method: 'POST', body: JSON.stringify(body), headers: RETURN })
  return (await answer.json())[0]
}
const events = async () => (await asProgram(`/events?name=like.${NAME}*&order=name`)).json()

const { id, public_id: publicId } = await post('/controllers', { name: NAME })
after(async () => {
  const made = await events()
  await asProgram(`/controllers?id=eq.${id}`, { method: 'DELETE' })
  await asProgram(`/events?id=in.(${made.map((event) => event.id)})`, { method: 'PATCH', body: JSON.stringify({ archived_at: new Date() }) })
})

/** A controller whose pump is broken, once it is welcome. */
async function connect() {
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/ws/controller/telemetry`, ['webmacs.v1', `bearer.${await controllerToken(publicId)}`])
  const hello = { type: 'hello', software: 'tank 0.9', instances: [{ name: NAME, plugin: 'tank', channels: CHANNELS }] }
  socket.on('open', () => socket.send(JSON.stringify(hello)))
  await new Promise((resolve) =>
    socket.on('message', (data) => {
      const { type, id: command } = JSON.parse(data)
      if (type === 'welcome') resolve()
      if (type === 'config') socket.send(JSON.stringify(hello))
      if (type === 'command') socket.send(JSON.stringify({ type: 'command_result', id: command, state: 'failed', value: null, error: 'wire broken' }))
    }),
  )
  return () => new Promise((resolve) => (socket.on('close', resolve), socket.close()))
}

test('what becomes of a command that is not carried out', withPage(async (page, t) => {
  const leave = await connect()
  const [level, pump] = await events()
  await openAs(page, 'operator', `/events/${pump.public_id}`)
  const panel = page.locator('section.panel').filter({ has: page.getByRole('heading', { name: 'Set a value' }) })
  const dialog = page.getByRole('dialog')

  async function set(value) {
    await panel.getByLabel('New value').fill(String(value))
    await panel.getByRole('button', { name: 'Set', exact: true }).click()
    await dialog.getByRole('button', { name: 'Set it' }).click()
  }

  await t.test('an interlock refuses it, and says why', async () => {
    const lock = { event_id: pump.id, source_event_id: level.id, operator: 'gt', threshold: 1, max_age_seconds: 5, description: 'it must not run dry' }
    const { id: lockId } = await post('/interlocks', lock)
    await set(50)
    await dialog.getByRole('alert').filter({ hasText: 'it must not run dry' }).waitFor()
    await isAccessible(page)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await asProgram(`/interlocks?id=eq.${lockId}`, { method: 'DELETE' })
  })

  await t.test('it fails at the device, with its reason', async () => {
    await set(50)
    await panel.getByText('50.0 %: failed').waitFor()
    await panel.getByText('wire broken').waitFor()
  })

  await t.test('nobody is there: it waits, and expires', async () => {
    await leave()
    // the wait of a person, of which nothing but the length is not ours
    await page.route('**/rpc/set_value', (route) => route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), ttl_seconds: 2 }) }))
    // what it says in between is gone in two seconds, which a busy machine may take to draw it
    const waited = page.waitForResponse(/rpc.set_value/)
    await set(60)
    const command = await (await waited).json()
    assert.equal(command[0].state, 'queued')
    await panel.getByText('60.0 %: not carried out in time').waitFor()
    await isAccessible(page)
  })
}, { expectedErrors: /status of 409/ }))
