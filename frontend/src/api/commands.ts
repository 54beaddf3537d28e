import { rest, rowsOf, type Known, type RowOf } from './rest'

/** What becomes of a command; the last four are failures of a kind. */
export type CommandState = 'queued' | 'sent' | 'done' | 'failed' | 'expired' | 'superseded' | 'outcome_unknown'

/** A row of api.commands, as the live stream sends it too. */
export type Command = Omit<Known<RowOf<'commands'>, 'public_id' | 'event_id' | 'value' | 'requested_by' | 'created_at'>, 'state'> & {
  state: CommandState
}

/** How long a command that a person gave may wait: whoever stands before the screen expects it now. */
const TTL_SECONDS = 15

interface Wish {
  eventId: number
  value: number
  /** Chosen by the page, so that a request that is repeated has one effect. */
  publicId: string
}

export async function setValue({ eventId, value, publicId }: Wish): Promise<Command> {
  const wish = { event_id: eventId, value, ttl_seconds: TTL_SECONDS, public_id: publicId }
  return rowsOf<Command[]>(await (await rest()).rpc('set_value', wish))[0]!
}

export async function readCommand(publicId: string): Promise<Command | null> {
  return rowsOf<Command[]>(await (await rest()).from('commands').select('*').eq('public_id', publicId))[0] ?? null
}
