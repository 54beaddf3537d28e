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
    readonly code: string | null = null,
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

const NAMED = /violates (?:check|unique|exclusion) constraint "([^"]+ [^"]+)"$/
const MISSING = /^null value in column "([^"]+)"/

/** The database names its constraints as sentences, in what PostgreSQL says around them. */
export function sentenceOf(message: string): string {
  const missing = MISSING.exec(message)?.[1]
  return missing === undefined ? (NAMED.exec(message)?.[1] ?? message) : words.problem.missing(missing)
}

/** The server's own words if it gave some. */
export function problemOf(status: number, body: unknown): Problem {
  const { message, hint, code } = (body ?? {}) as Partial<ServerError>
  if (typeof message !== 'string' || message === '') return new Problem(words.problem.unexpected(status), status)
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return new Problem(sentenceOf(message), status, text(hint), text(code))
}

/** Somebody changed it meanwhile: the database refuses to write over that. */
export const isOutdated = (problem: unknown) => problem instanceof Problem && problem.code === 'PT409' && /^version /.test(problem.message)
