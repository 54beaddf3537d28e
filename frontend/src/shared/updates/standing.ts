import type { Bundle, Deed, Update } from '@/api/updates'
import type { StateKind } from '@/shared/StateMark.vue'
import { words } from '@/words'

/** The way of an update that goes well. */
export const WAY = ['pending', 'downloading', 'verified', 'installing', 'probation', 'completed'] as const

const KINDS: Record<string, StateKind> = { completed: 'good', failed: 'failed', rolled_back: 'attention' }

export interface Standing {
  kind: StateKind
  word: string
}

export const isUnapproved = ({ state, approved_at: at }: Update) => state === 'pending' && at === null
export const rollsBack = ({ state, roll_back_at: at }: Update) => state === 'completed' && at !== null
export const isOver = ({ state }: Update) => state === 'completed' || state === 'failed' || state === 'rolled_back'

/** How an update is, for people. */
export function standingOf(update: Update): Standing {
  if (isUnapproved(update)) return { kind: 'attention', word: words.updates.unapproved }
  if (rollsBack(update)) return { kind: 'attention', word: words.updates.rollsBack }
  if (update.withdrawn_by !== null) return { kind: 'off', word: words.updates.withdrawnBy(update.withdrawn_by) }
  return { kind: KINDS[update.state] ?? 'unknown', word: words.updates.states[update.state] ?? update.state }
}

/** What can be asked for now, by who is called so; the database has the last word. */
export function deedsOf(update: Update, username: string | undefined): Deed[] {
  if (isUnapproved(update)) return update.author === username ? ['withdraw_update'] : ['approve_update', 'withdraw_update']
  if (['pending', 'downloading', 'verified'].includes(update.state)) return ['withdraw_update']
  const goesBack = update.controller_id !== null // the server does so by hand alone
  return goesBack && update.state === 'completed' && update.roll_back_at === null ? ['roll_back_update'] : []
}

/** Only the last step says how it is; those before have gone by. */
export const kindOfStep = (state: string, isLast: boolean): StateKind =>
  isLast ? (KINDS[state] ?? 'unknown') : state === 'failed' ? 'failed' : 'good'

/** What comes after this state if all goes well. */
export function stepsToCome(state: string | undefined): readonly string[] {
  const at = WAY.findIndex((one) => one === state)
  return at < 0 ? [] : WAY.slice(at + 1)
}

export const isForControllers = ({ product }: Bundle) => product === 'webmacs-controller'
export const isOverTime = ({ expires_at: until }: Bundle, now: number) => Date.parse(until) / 1000 < now
