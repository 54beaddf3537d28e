// One page in headless Chromium with a dashboard of live curves: what it draws, what that costs, what it keeps.
import { createRequire } from 'node:module'

const fromFrontend = createRequire(new URL('../../frontend/package.json', import.meta.url))
const { chromium } = fromFrontend('playwright-core')
const { url, chromium: executablePath, username, password, path, seconds } = JSON.parse(process.argv[2])

const SETTLE_MS = 8000
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Counts drawings, canvas by canvas: each begins by clearing it. */
function countDrawings() {
  globalThis.drawings = new Map()
  const { clearRect } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.clearRect = function (...area) {
    globalThis.drawings.set(this.canvas, (globalThis.drawings.get(this.canvas) ?? 0) + 1)
    return clearRect.apply(this, area)
  }
}

async function metrics(session) {
  const { metrics: all } = await session.send('Performance.getMetrics')
  return Object.fromEntries(all.map(({ name, value }) => [name, value]))
}

async function heap(session) {
  await session.send('HeapProfiler.collectGarbage')
  await session.send('HeapProfiler.collectGarbage')
  return (await metrics(session)).JSHeapUsedSize / 1e6
}

/** For so long: seconds of tasks in each second, and drawings a second of the canvas that is drawn most. */
async function measure(page, session, span) {
  await page.evaluate(() => globalThis.drawings.clear())
  const [before, had] = [await metrics(session), messages]
  await sleep(span * 1000)
  const after = await metrics(session)
  const drawn = await page.evaluate(() => [...globalThis.drawings.values()])
  const elapsed = after.Timestamp - before.Timestamp
  const share = (name) => (after[name] - before[name]) / elapsed
  return {
    task: share('TaskDuration'),
    script: share('ScriptDuration'),
    layout: share('LayoutDuration') + share('RecalcStyleDuration'),
    drawings: Math.max(0, ...drawn) / elapsed,
    messages: (messages - had) / elapsed,
  }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--js-flags=--expose-gc'] })
const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } })
let messages = 0
page.on('websocket', (socket) => socket.on('framereceived', () => messages++))
await page.addInitScript(countDrawings)
await page.goto(url + path)
await page.getByLabel('User name or e-mail').fill(username)
await page.getByLabel('Password', { exact: true }).fill(password)
await page.getByRole('button', { name: 'Sign in' }).click()
await page.locator('canvas').nth(11).waitFor()
const session = await page.context().newCDPSession(page)
await session.send('Performance.enable')
await sleep(SETTLE_MS)

const heapBefore = await heap(session)
const visible = await measure(page, session, seconds)
const heapAfter = await heap(session)
await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
await sleep(1000)
const hidden = await measure(page, session, Math.min(seconds, 10))
console.log(JSON.stringify({ visible, hidden, heap_before: heapBefore, heap_after: heapAfter }))
await browser.close()
