// Updates: a bundle is uploaded, cut and gone on with; looked at; installed on a controller, which says how far it is;
// rolled back. The controller is a socket of this test's; what a real one does is tried in tests/updates.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { asProgram, controllerToken, fromFrontend, isAccessible, openAs, stack, text, withPage } from './browser.mjs'

const { WebSocket } = fromFrontend('ws')
const BUNDLE = process.env.WEBMACS_BUNDLE
const PIECE = 1 << 22
const NAME = `press-${Date.now()}`
const dialog = (page) => page.getByRole('dialog')
const press = (page, name) => dialog(page).getByRole('button', { name, exact: true }).click()
const row = (page, name) => page.locator('tbody tr').filter({ hasText: name })

/** A controller that does with an update what it is told here. */
async function connect(token) {
  const socket = new WebSocket(`${stack.url.replace('http', 'ws')}/ws/controller/telemetry`, ['webmacs.v1', `bearer.${token}`])
  const hello = () => socket.send(JSON.stringify({ type: 'hello', software: 'press 0.9', instances: [] }))
  const waiting = new Set()
  socket.on('open', hello)
  socket.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'config') hello()
    if (frame.type !== 'welcome') return
    for (const one of waiting) if (frame.update && one.fits(frame.update)) one.resolve(frame.update)
  })
  return {
    told: (fits) => new Promise((resolve) => waiting.add({ fits, resolve })),
    say: (update) => socket.send(JSON.stringify({ type: 'status', instances: [], update })),
    close: () => socket.close(),
  }
}

const [{ id, public_id: publicId }] = await (
  await asProgram('/controllers', { method: 'POST', headers: { Prefer: 'return=representation' }, body: JSON.stringify({ name: NAME }) })
).json()
const controller = await connect(await controllerToken(publicId))
after(async () => {
  controller.close()
  await asProgram(`/controllers?id=eq.${id}`, { method: 'DELETE' })
  await asProgram('/update_bundles?version=eq.7.1', { method: 'DELETE' })
})

test('a bundle is uploaded, installed and rolled back', withPage(async (page, t) => {
  const begins = []
  const cut = new Set()
  await page.route('**/ota/bundles/*', (route) => {
    const begin = Number(/^bytes (\d+)-/.exec(route.request().headers()['content-range'])?.[1])
    begins.push(begin)
    return cut.has(begins.length) ? route.abort() : route.continue()
  })
  const choose = async (file) => {
    await page.getByRole('button', { name: 'Upload a bundle' }).click()
    await dialog(page).getByLabel('Bundle', { exact: true }).setInputFiles(file)
    await press(page, 'Upload')
  }
  await openAs(page, 'admin', '/updates')
  await text(page, 'No update yet')
  await isAccessible(page)
  await page.getByRole('link', { name: 'Bundles' }).click()

  await t.test('what is no bundle is refused with the reason', async () => {
    await choose({ name: 'x.update', mimeType: 'application/zip', buffer: Buffer.from('no zip') })
    assert.match(await dialog(page).getByRole('alert').innerText(), /no bundle|zip/i)
    await isAccessible(page)
    await press(page, 'Cancel')
    begins.length = 0
  })

  await t.test('an upload that is cut goes on after a reload, and by itself', async () => {
    cut.add(2)
    await choose(BUNDLE)
    await dialog(page).getByText('goes on where it was').waitFor()
    await press(page, 'Stop')
    await text(page, 'kept for a day')
    await page.reload()
    cut.add(3)
    await choose(BUNDLE)
    await text(page, 'webmacs-controller 7.1 is verified and stored.')
    assert.deepEqual(begins, [0, PIECE, PIECE, PIECE])
    await isAccessible(page)
  })

  await t.test('it says what is in it, as text', async () => {
    await dialog(page).getByRole('link', { name: 'Look at it' }).click()
    await page.getByRole('heading', { name: 'webmacs-controller 7.1' }).waitFor()
    await text(page, '<b>Nothing else.</b>')
    await text(page, 'lab_lamp-1.0-py3-none-any.whl')
    await isAccessible(page)
  })

  await t.test('it is installed, and each step is seen as it happens', async () => {
    const told = controller.told((update) => !update.roll_back)
    await page.getByRole('button', { name: 'Install' }).click()
    await dialog(page).getByText('runs press 0.9').waitFor()
    await press(page, `Install ${NAME}`)
    const update = await told
    await dialog(page).getByText('not begun yet').waitFor()
    controller.say({ id: update.id, state: 'downloading', detail: null, received: update.size / 2 })
    await dialog(page).getByRole('progressbar').waitFor()
    await isAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: NAME }).click()
    await page.getByRole('button', { name: 'Withdraw' }).waitFor()
    controller.say({ id: update.id, state: 'probation', detail: null, received: update.size })
    await page.getByText('to come').first().waitFor()
    controller.say({ id: update.id, state: 'completed', detail: null, received: update.size })
    await page.getByRole('button', { name: 'Roll back' }).waitFor()
    assert.equal(await page.locator('ol > li').count(), 6)
    await isAccessible(page)
  })

  await t.test('it is rolled back', async () => {
    const told = controller.told((update) => update.roll_back)
    await page.getByRole('button', { name: 'Roll back' }).click()
    await press(page, 'Roll back')
    const update = await told
    await text(page, 'goes back to the version before')
    controller.say({ id: update.id, state: 'rolled_back', detail: 'somebody wanted it', received: update.size })
    await page.locator('ol > li').nth(6).getByText('somebody wanted it').waitFor()
    await page.getByRole('link', { name: 'All updates of this controller' }).click()
    await row(page, NAME).getByText('rolled back').waitFor()
  })

  await t.test('what was given to a controller is not deleted', async () => {
    await page.getByRole('link', { name: 'Bundles' }).click()
    await row(page, '7.1').waitFor()
    await isAccessible(page)
    assert.equal(await row(page, '7.1').getByRole('button', { name: 'Delete' }).count(), 0)
  })

  await t.test('a newer one is found, fetched and deleted', async () => {
    await page.getByRole('button', { name: 'Check now' }).click()
    const offer = page.getByRole('listitem').filter({ hasText: 'webmacs-controller-7.2-any.update' })
    await offer.waitFor()
    await isAccessible(page)
    await offer.getByRole('button', { name: 'Fetch' }).click()
    await row(page, '7.2').getByRole('button', { name: 'Delete' }).click()
    assert.equal(await offer.count(), 0)
    await press(page, 'Delete')
    await row(page, '7.2').waitFor({ state: 'detached' })
  })
}, { expectedErrors: /400|ERR_FAILED/ }))
