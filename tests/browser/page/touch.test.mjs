// By fingers, in a Chromium that has them: a dashboard is arranged, a curve is moved and zoomed. Signed in once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asProgram, openAs, stack, withPage } from './browser.mjs'

const NAME = `Fingers ${Date.now()}`
const RETURN = { Prefer: 'return=representation' }
const frame = (page) => page.evaluate(() => new Promise(requestAnimationFrame))
/** The time that a gesture takes is part of it. */
const pass = (page, ms) => page.evaluate((time) => new Promise((resolve) => setTimeout(resolve, time)), ms)

/** What fingers do, as the screen tells it: each a list of points [x, y] that it passes. */
async function touch(page, fingers, { held = 0 } = {}) {
  const client = await page.context().newCDPSession(page)
  const at = (step) => fingers.map((points, id) => ({ x: points[step][0], y: points[step][1], id }))
  for (let step = 0; step < fingers[0].length; step += 1) {
    await client.send('Input.dispatchTouchEvent', { type: step === 0 ? 'touchStart' : 'touchMove', touchPoints: at(step) })
    await frame(page)
    if (step === 0) await pass(page, held)
  }
  // held still before it is lifted, for a tap after a throw only stops what was thrown
  await pass(page, 200)
  await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await client.detach()
}

/** A way of eight steps. */
const way = ([x, y], [dx, dy]) => Array.from({ length: 9 }, (_, n) => [x + (n * dx) / 8, y + (n * dy) / 8])
const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2]
const visible = (page) => page.locator('.chart table caption').first().innerText()

test('a dashboard and its curves by touch', withPage(async (page, t) => {
  const [event] = await (await asProgram('/events?name=eq.Reactor%20Bed%20temperature')).json()
  const options = { events: [event.public_id] }
  const widgets = [
    { id: 'a', type: 'curve', x: 0, y: 0, w: 14, h: 10, options: { ...options, span: '900' } },
    { id: 'b', type: 'number', x: 14, y: 0, w: 6, h: 5, options },
  ]
  const made = await asProgram('/dashboards', { method: 'POST', body: JSON.stringify({ name: NAME, widgets }), headers: RETURN })
  const [{ id, public_id: publicId }] = await made.json()
  try {
    await openAs(page, 'admin', `/dashboards/${publicId}`)
    const plot = page.locator('.u-over')
    await plot.waitFor()

    await t.test('one finger moves the curve along, and there is a way back', async () => {
      await touch(page, [way(middle(await plot.boundingBox()), [160, 0])])
      await page.getByRole('button', { name: 'Back to live' }).tap()
      await page.getByRole('button', { name: 'Back to live' }).waitFor({ state: 'detached' })
    })

    await t.test('two fingers zoom', async () => {
      const [x, y] = middle(await plot.boundingBox())
      const before = await visible(page)
      await touch(page, [way([x - 30, y], [-120, 0]), way([x + 30, y], [120, 0])])
      await page.getByRole('button', { name: 'Back to live' }).waitFor()
      assert.notEqual(await visible(page), before)
    })

    await t.test('a widget is moved by its title and resized at its corner', async () => {
      await page.getByRole('button', { name: 'Edit', exact: true }).tap()
      const number = page.locator('[data-id=b]')
      const corner = number.locator('.ui-resizable-se')
      await corner.waitFor({ state: 'attached' })
      await page.getByText('Hold a widget by its title').waitFor()
      const box = await number.boundingBox()
      await touch(page, [way([box.x + 20, box.y + 15], [190, 0])], { held: 500 })
      await page.getByRole('button', { name: 'Undo' }).and(page.locator(':enabled')).waitFor()
      const moved = await number.boundingBox()
      assert.ok(moved.x > box.x + 100, `from ${box.x} to ${moved.x}`)
      await touch(page, [way(middle(await corner.boundingBox()), [-90, 90])], { held: 500 })
      const resized = await number.boundingBox()
      assert.ok(resized.width < moved.width - 40 && resized.height > moved.height + 30, JSON.stringify({ moved, resized }))
    })

    await t.test('what it offers is there without a pointer over it', async () => {
      await page.getByRole('button', { name: 'Save', exact: true }).tap()
      await page.getByRole('button', { name: 'Done' }).tap()
      await page.getByRole('article').first().getByRole('link', { name: 'Explore' }).tap()
      await page.waitForURL(new RegExp(`^${stack.url}/explore`))
    })
  } finally {
    await asProgram(`/dashboards?id=eq.${id}`, { method: 'DELETE' })
  }
}, { hasTouch: true }))
