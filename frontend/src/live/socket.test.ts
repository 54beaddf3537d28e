import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket as NodeSocket, WebSocketServer, type WebSocket as Peer } from 'ws'
import { StreamSocket, type SocketEvents } from './socket'

/** A stream server that says what it is told to; the page's socket talks to it over a real connection. */
let server: WebSocketServer
let client: StreamSocket

beforeEach(async () => {
  globalThis.WebSocket = NodeSocket as unknown as typeof WebSocket
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'webmacs.v1' })
  await once(server, 'listening')
})
afterEach(() => {
  client.close()
  server.close()
})

const nextPeer = () => new Promise<Peer>((resolve) => server.once('connection', resolve))
const nextFrame = (peer: Peer) => new Promise<Record<string, unknown>>((resolve) => peer.once('message', (text) => resolve(JSON.parse(String(text)))))

function connect(events: Partial<SocketEvents> = {}, token = async () => 'a.b.c') {
  const { port } = server.address() as { port: number }
  const none = { onState() {}, onBatch() {}, onRows() {}, onReload() {}, onDoubt() {} }
  client = new StreamSocket(`ws://127.0.0.1:${port}`, token, { ...none, ...events })
  client.subscribe({ events: ['x'], maxRate: 4, topics: [] })
  client.open()
}

const connected = '{"type":"connected","epoch":"e1"}'
const batch = (n: number) =>
  JSON.stringify({ type: 'datapoints_batch', n, datapoints: [{ event_public_id: 'x', value: 1, timestamp: '2026-01-01T00:00:00Z' }] })

it('offers the token as a subprotocol and subscribes once it is connected', async () => {
  const request = new Promise<string | undefined>((resolve) =>
    server.once('connection', (_, { headers }) => resolve(headers['sec-websocket-protocol'])),
  )
  const arrival = nextPeer()
  connect()
  const peer = await arrival
  expect(await request).toBe('webmacs.v1,bearer.a.b.c')
  const frame = nextFrame(peer)
  peer.send(connected)
  expect(await frame).toEqual({ type: 'subscribe', topics: ['datapoints'], events: ['x'], max_rate: 4 })
})

it('continues after a cut from the last batch that it saw', async () => {
  const arrival = nextPeer()
  const seen = new Promise<void>((resolve) => connect({ onBatch: () => resolve() }))
  const first = await arrival
  first.send(connected)
  first.send(batch(41))
  await seen
  const second = nextPeer()
  first.terminate()
  const again = await second
  const frame = nextFrame(again)
  again.send(connected)
  expect((await frame).since).toBe('e1:41')
})

it('says that it waits, and until when, while the connection is cut', async () => {
  const arrival = nextPeer()
  const waiting = new Promise<number>((resolve) => connect({ onState: (state) => state.phase === 'waiting' && resolve(state.retryAt) }))
  ;(await arrival).terminate()
  expect(await waiting).toBeGreaterThan(Date.now() - 1000)
})

it.each([4401, 1008])('has the token checked when the server closes with %d', async (code) => {
  const arrival = nextPeer()
  const doubted = new Promise<void>((resolve) => connect({ onDoubt: resolve }))
  ;(await arrival).close(code, 'revoked')
  await doubted
})

/** Connects and waits until it is live: the server's end. */
async function live(token: () => Promise<string>) {
  const arrival = nextPeer()
  const begun = new Promise<void>((resolve) => connect({ onState: ({ phase }) => phase === 'live' && resolve() }, token))
  const peer = await arrival
  peer.send(connected)
  await begun
  return peer
}

it('goes on with a renewed token, and reconnects with the newest', async () => {
  const offered: (string | undefined)[] = []
  server.on('connection', (_, { headers }) => offered.push(headers['sec-websocket-protocol']))
  let token = 'one'
  const first = await live(async () => token)
  const sent: Record<string, unknown>[] = []
  const renewed = new Promise<void>((resolve) =>
    first.on('message', (text) => {
      sent.push(JSON.parse(String(text)))
      if (sent.at(-1)?.type === 'token') resolve()
    }),
  )
  token = 'two'
  client.renew(token)
  await renewed
  expect(sent.at(-1)).toEqual({ type: 'token', token: 'two' })
  const second = nextPeer()
  first.terminate()
  const again = await second
  const subscribed = nextFrame(again)
  again.send(connected)
  await subscribed
  expect(offered).toEqual(['webmacs.v1,bearer.one', 'webmacs.v1,bearer.two'])
})

it('waits and tries again when there is no token to be had', async () => {
  let tries = 0
  await live(async () => {
    tries += 1
    if (tries === 1) throw new Error('unreachable')
    return 'a.b.c'
  })
  expect(tries).toBe(2)
})

it('opens nothing once it was closed, however late the token comes', async () => {
  const waiting: ((token: string) => void)[] = []
  let opened = 0
  server.on('connection', () => (opened += 1))
  connect({}, () => new Promise((resolve) => waiting.push(resolve)))
  client.close()
  waiting[0]!('late')
  await live(async () => 'a.b.c')
  expect(opened).toBe(1)
})
