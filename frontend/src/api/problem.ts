import { words } from '@/words'

/** What the server answers to a mistake, the same from PostgREST and sidecar. */
export interface ServerError {
  code: string
  message: string
  details: string | null
  hint: string | null
}

/** A request that failed, with a message meant for people. `status` is 0 where no answer came. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly hint: string | null = null,
  ) {
    super(message)
  }

  /** All of it, for where it stands as one text. */
  get sentences(): string {
    return this.hint === null ? this.message : `${this.message} ${this.hint}`
  }
}

export function unreachable(): Problem {
  return new Problem(words.problem.unreachable, 0)
}

/** The server's own words if it gave some. */
export function problemOf(status: number, body: unknown): Problem {
  const error = body as Partial<ServerError> | null
  if (typeof error?.message !== 'string' || error.message === '') return new Problem(words.problem.unexpected(status), status)
  return new Problem(error.message, status, typeof error.hint === 'string' ? error.hint : null)
}
