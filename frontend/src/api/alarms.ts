import type { Scale } from '@/format/number'
import { rest, rowsOf, type Known, type RowOf } from './rest'

type Always = 'public_id' | 'name' | 'severity' | 'priority' | 'message' | 'state' | 'latched' | 'occurrences' | 'raised_at' | 'last_raised_at'

/** An alarm, as api.alarms and the live stream have it. */
export type Alarm = Known<RowOf<'alarms'>, Always>

export interface AlarmInFull extends Alarm {
  rules: { name: string; public_id: string } | null
  events: (Scale & { name: string; public_id: string; unit: string }) | null
}

type Written = 'alarm_id' | 'alarm_public_id' | 'name' | 'severity' | 'step' | 'state' | 'silent' | 'happened_at' | 'recorded_at' | 'actor'
export type JournalLine = Known<RowOf<'alarm_journal'>, Written>

export interface Shelf {
  rule_id: number
  shelved_until: string
  reason: string
  shelved_by: string
  shelved_at: string
  rules: { name: string; severity: string; public_id: string; alarms: { id: number; public_id: string }[] }
}

/** Of one that chatters the newest steps say all. */
const LONGEST_JOURNAL = 500

export type AlarmCount = {
  [Column in keyof RowOf<'alarm_counts'>]: NonNullable<RowOf<'alarm_counts'>[Column]>
}

/** All with which something is left to do; at most one of each rule. */
export async function readOpenAlarms(): Promise<Alarm[]> {
  return rowsOf<Alarm[]>(await (await rest()).from('alarms').select('*').neq('state', 'normal'))
}

/** How many are open, the most urgent severity first. */
export async function readAlarmCounts(): Promise<AlarmCount[]> {
  return rowsOf<AlarmCount[]>(await (await rest()).from('alarm_counts').select('*').order('priority'))
}

/** One alarm with what it is about, or null where there is none. */
export async function findAlarm(publicId: string): Promise<AlarmInFull | null> {
  const columns = '*,rules(name,public_id),events(name,public_id,unit,event_type,min_value,max_value)'
  return rowsOf<AlarmInFull[]>(await (await rest()).from('alarms').select(columns).eq('public_id', publicId))[0] ?? null
}

/** Its steps, the newest first. */
export async function readJournal(alarm: number): Promise<JournalLine[]> {
  const lines = (await rest()).from('alarm_journal').select('*').eq('alarm_id', alarm)
  return rowsOf<JournalLine[]>(await lines.order('id', { ascending: false }).limit(LONGEST_JOURNAL))
}

/** Which rules are shelved; `alarms` has the newest alarm of the rule, if it ever had one. */
export async function readShelves(): Promise<Shelf[]> {
  const shelves = (await rest()).from('alarm_shelves').select('*,rules(name,severity,public_id,alarms(id,public_id))')
  const newest = shelves.order('id', { referencedTable: 'rules.alarms', ascending: false }).limit(1, { referencedTable: 'rules.alarms' })
  return rowsOf<Shelf[]>((await newest.order('shelved_until')) as never)
}

type Deed = 'acknowledge_alarm' | 'reset_alarm' | 'shelve_alarm' | 'unshelve_alarm'

/** What is done answers with the alarms as they are then, which may be by somebody else's deed. */
async function act(deed: Deed, values: never): Promise<Alarm[]> {
  return rowsOf<Alarm[]>(await (await rest()).rpc(deed, values))
}

export const acknowledge = (ids: number[], comment: string | null) => act('acknowledge_alarm', { alarm_ids: ids, comment } as never)
export const reset = (id: number, comment: string | null) => act('reset_alarm', { alarm_id: id, comment } as never)
export const shelve = (id: number, until: string, reason: string) => act('shelve_alarm', { alarm_id: id, until, reason } as never)
export const unshelve = (id: number) => act('unshelve_alarm', { alarm_id: id } as never)
