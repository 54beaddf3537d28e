import { refresh, type Grant } from './auth'

/** Of an access token's life: then the next one is asked for. */
const RENEW_AT = 0.8
/** What is left of it must do for a request's way. */
const MARGIN_MS = 2000
const RETRY_MS = 5000

interface Events {
  onToken(token: string): void
  /** The session has ended. */
  onRefused(): void
}

/** The access token of this tab: in memory only, and renewed before it expires. */
export class Access {
  private token = ''
  private goodUntil = 0
  private renewing: Promise<string> | null = null
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly events: Events) {}

  take({ access_token: token, expires_in: seconds }: Grant) {
    this.token = token
    this.goodUntil = Date.now() + seconds * 1000 - MARGIN_MS
    this.renewIn(seconds * 1000 * RENEW_AT)
    this.events.onToken(token)
  }

  drop() {
    clearTimeout(this.timer)
    this.token = ''
    this.goodUntil = 0
  }

  /** One that counts, renewed if need be. Throws a Problem. */
  async current(): Promise<string> {
    return Date.now() < this.goodUntil ? this.token : this.renew()
  }

  /** The next one. Who asks meanwhile gets the same. Throws a Problem. */
  renew(): Promise<string> {
    this.renewing ??= this.askAgain().finally(() => (this.renewing = null))
    return this.renewing
  }

  private async askAgain(): Promise<string> {
    const grant = await refresh().catch((problem) => {
      if (problem.status === 401) this.events.onRefused()
      else this.renewIn(RETRY_MS)
      throw problem
    })
    this.take(grant)
    return grant.access_token
  }

  private renewIn(milliseconds: number) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.renew().catch(() => undefined), milliseconds)
  }
}
