import { moment } from '@/format/moment'
import { words } from '@/words'

/** When, and from where, a session or a token was last used. */
export const lastUse = (one: { last_used_at: string | null; last_used_address: string | null }) =>
  one.last_used_at === null ? words.account.neverUsed : words.account.used(moment(one.last_used_at), one.last_used_address)
