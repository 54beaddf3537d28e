import type { Event } from './events'
import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type EventChange = Database['api']['Views']['events']['Update']
export type AuditLine = Known<RowOf<'audit_log'>, 'changed_at' | 'actor' | 'operation'>
export type RuleOfEvent = Known<RowOf<'rules'>, 'public_id' | 'name' | 'severity' | 'enabled'>

const MOST_LINES = 50

export async function addEvent(values: EventChange): Promise<Event> {
  return rowsOf<Event[]>((await (await rest()).from('events').insert(values).select('*')) as never)[0]!
}

export async function changeEvent(id: number, values: EventChange) {
  rowsOf(await (await rest()).from('events').update(values).eq('id', id))
}

/** With all its values, for ever; answers how many there were. */
export async function purgeEvent(id: number): Promise<number> {
  return rowsOf<number>((await (await rest()).rpc('purge_event', { event_id: id })) as never)
}

/** Who changed it, the newest first; only administrators see it. */
export async function readChanges(id: number): Promise<AuditLine[]> {
  const lines = (await rest()).from('audit_log').select('*').eq('table_name', 'events').eq('row_id', String(id))
  return rowsOf<AuditLine[]>(await lines.order('id', { ascending: false }).limit(MOST_LINES))
}

export async function readRulesOf(eventId: number): Promise<RuleOfEvent[]> {
  return rowsOf<RuleOfEvent[]>(await (await rest()).from('rules').select('*').eq('event_id', eventId).order('name'))
}
