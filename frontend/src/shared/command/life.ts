import type { Command } from '@/api/commands'

const STEPS = ['queued', 'sent', 'outcome_unknown']

/** How far it has come; whatever is no step on the way is an end. */
const stepOf = ({ state }: Pick<Command, 'state'>) => (STEPS.indexOf(state) + STEPS.length + 1) % (STEPS.length + 1)

/** The one that tells more: the later command, or of one the later step. Its answer may come after what the stream tells. */
export function further(known: Command | null, told: Command): Command {
  if (known === null || told.id > known.id) return told
  if (told.id < known.id) return known
  return stepOf(told) >= stepOf(known) ? told : known
}

export const isUnderWay = ({ state }: Pick<Command, 'state'>) => state === 'queued' || state === 'sent'
export const hasFailed = ({ state }: Pick<Command, 'state'>) => !isUnderWay({ state }) && state !== 'done' && state !== 'superseded'
