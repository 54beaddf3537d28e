import { parseFrame, type Batch, type Frame, type Topic } from './frames'
import { reconnectDelay } from './reconnect'
import { subscribeFrame, type Subscription } from './subscription'

export type SocketState =
  | { phase: 'connecting'; attempt: number }
  | { phase: 'live' }
  | { phase: 'waiting'; attempt: number; retryAt: number }

export interface SocketEvents {
  onState(state: SocketState): void
  onBatch(batch: Batch): void
  onRows(topic: Topic, rows: Record<string, unknown>[]): void
  onReload(): void
  /** The server closed the socket on purpose: the token may no longer count. */
  onDoubt(): void
}

const PING_MS = 25_000
/** Without any frame for so long, an answered ping included, the connection is dead even if it looks open. */
const SILENCE_MS = 35_000
/** Refused token; violated policy, which a refused token is too. */
const ON_PURPOSE = [4401, 1008]

/** The live stream: one WebSocket that reconnects by itself and continues where it was cut. */
export class StreamSocket {
  private socket: WebSocket | null = null
  private attempt = 0
  private epoch: string | null = null
  private position: string | null = null
  private subscription: Subscription | null = null
  private connected = false
  private pinging: ReturnType<typeof setInterval> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined
  private retry: ReturnType<typeof setTimeout> | undefined
  /** Counts attempts and ends: what was begun before the last of them no longer matters. */
  private turn = 0

  constructor(
    private readonly url: string,
    private readonly token: () => Promise<string>,
    private readonly events: SocketEvents,
  ) {}

  open() {
    clearTimeout(this.retry)
    this.attempt += 1
    this.events.onState({ phase: 'connecting', attempt: this.attempt })
    this.turn += 1
    const turn = this.turn
    this.token().then(
      (token) => turn === this.turn && this.connect(token),
      () => turn === this.turn && this.closed(0),
    )
  }

  private connect(token: string) {
    const socket = new WebSocket(this.url, ['webmacs.v1', `bearer.${token}`])
    this.socket = socket
    this.heard()
    socket.onmessage = ({ data }) => this.take(parseFrame(String(data)))
    socket.onclose = ({ code }) => this.closed(code)
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow() {
    if (this.socket === null) this.open()
  }

  subscribe(subscription: Subscription) {
    this.subscription = subscription
    if (this.connected) this.send(subscribeFrame(subscription, null))
  }

  /** The access token has been renewed: the socket goes on with it. */
  renew(token: string) {
    if (this.connected) this.send(JSON.stringify({ type: 'token', token }))
  }

  close() {
    this.detach()
    clearTimeout(this.retry)
  }

  private take(frame: Frame) {
    this.heard()
    if (frame.type === 'connected') this.welcomed(frame.epoch)
    if (frame.type === 'reload') this.events.onReload()
    if (frame.type !== 'datapoints_batch' && frame.type !== 'rows') return
    if (frame.n !== null && this.epoch !== null) this.position = `${this.epoch}:${frame.n}`
    if (frame.type === 'rows') this.events.onRows(frame.topic, frame.rows)
    else this.events.onBatch(frame.batch)
  }

  private welcomed(epoch: string | null) {
    this.epoch = epoch
    this.connected = true
    this.attempt = 0
    this.pinging = setInterval(() => this.send('{"type":"ping"}'), PING_MS)
    if (this.subscription) this.send(subscribeFrame(this.subscription, this.position))
    this.events.onState({ phase: 'live' })
  }

  private heard() {
    clearTimeout(this.silence)
    this.silence = setTimeout(() => this.closed(0), SILENCE_MS)
  }

  /** Not over one that is closing, as while the page is left: browsers complain, and nobody would read it. */
  private send(text: string) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(text)
  }

  private closed(code: number) {
    this.detach()
    const attempt = Math.max(1, this.attempt)
    const delay = reconnectDelay(attempt, Math.random())
    this.events.onState({ phase: 'waiting', attempt, retryAt: Date.now() + delay })
    this.retry = setTimeout(() => this.open(), delay)
    if (ON_PURPOSE.includes(code)) this.events.onDoubt()
  }

  private detach() {
    this.turn += 1
    clearInterval(this.pinging)
    clearTimeout(this.silence)
    this.connected = false
    if (this.socket === null) return
    this.socket.onmessage = null
    this.socket.onclose = null
    this.socket.close()
    this.socket = null
  }
}
