import { rest, rowsOf, type Known, type RowOf } from './rest'

type Always = 'public_id' | 'name' | 'severity' | 'priority' | 'message' | 'state' | 'latched' | 'occurrences' | 'raised_at' | 'last_raised_at'

/** An alarm, as api.alarms and the live stream have it. */
export type Alarm = Known<RowOf<'alarms'>, Always>

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

/** One alarm, or null where there is none. */
export async function findAlarm(publicId: string): Promise<Alarm | null> {
  return rowsOf<Alarm[]>(await (await rest()).from('alarms').select('*').eq('public_id', publicId))[0] ?? null
}
