import { rest, rowsOf, type Known, type RowOf } from './rest'

export type LogEntry = Known<RowOf<'log_entries'>, 'created_at' | 'level' | 'message' | 'is_read'>

/** How many entries nobody has marked as read, and the number of the newest of them. */
export async function countUnread(): Promise<{ unread: number; newest: number }> {
  const unread = (await rest()).from('log_entries').select('id', { count: 'exact' }).eq('is_read', false)
  const answer = await unread.order('id', { ascending: false }).limit(1)
  return { unread: answer.count ?? 0, newest: rowsOf<{ id: number }[]>(answer)[0]?.id ?? 0 }
}

export async function markRead(id: number) {
  rowsOf(await (await rest()).from('log_entries').update({ is_read: true }).eq('id', id))
}

/** All up to this one: what has come since was seen by nobody. */
export async function markAllRead(upTo: number) {
  rowsOf(await (await rest()).from('log_entries').update({ is_read: true }).eq('is_read', false).lte('id', upTo))
}
