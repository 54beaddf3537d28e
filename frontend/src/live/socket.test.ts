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

function connect(events: Partial<SocketEvents> = {}) {
  const { port } = server.address() as { port: number }
  const none = { onState() {}, onBatch() {}, onReload() {}, onDoubt() {} }
  client = new StreamSocket(`ws://127.0.0.1:${port}`, 'a.b.c', { ...none, ...events })
  client.subscribe({ events: ['x'], maxRate: 4 })
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
