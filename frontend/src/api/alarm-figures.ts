import { isoTime, type Seconds } from '@/format/time'
import { rest, rowsOf, type RowOf, type ViewName } from './rest'

type Whole<Row> = { [Column in keyof Row]: NonNullable<Row[Column]> }
type Figures<View extends ViewName, Missing extends keyof RowOf<View> = never> = Whole<Omit<RowOf<View>, Missing>> & Pick<RowOf<View>, Missing>

export type Hour = Figures<'alarms_per_hour'>
export type Frequent = Figures<'most_frequent_alarms', 'rule_id' | 'event_id'>
export type Standing = Figures<'standing_alarms', 'rule_id' | 'event_id' | 'silenced_by'>
export type Chattering = Figures<'chattering_alarms', 'rule_id' | 'event_id' | 'last_chattered_at'>
/** Without a name: of all rules of the severity. */
export type Response = Figures<'alarm_response', 'rule_id' | 'name'>

export interface AlarmFigures {
  hours: Hour[]
  frequent: Frequent[]
  standing: Standing[]
  chattering: Chattering[]
  responses: Response[]
}

/** What the database has counted: hours since then, the rest over its last 30 days. */
export async function readAlarmFigures(since: Seconds): Promise<AlarmFigures> {
  const api = await rest()
  const [hours, frequent, standing, chattering, responses] = await Promise.all([
    api.from('alarms_per_hour').select('*').gte('hour', isoTime(since)).order('hour'),
    api.from('most_frequent_alarms').select('*').order('raised', { ascending: false }).order('name'),
    api.from('standing_alarms').select('*').order('active_since'),
    api.from('chattering_alarms').select('*').order('chatters', { ascending: false }),
    api.from('alarm_response').select('*').order('acknowledged', { ascending: false }),
  ])
  return {
    hours: rowsOf(hours),
    frequent: rowsOf(frequent),
    standing: rowsOf(standing),
    chattering: rowsOf(chattering),
    responses: rowsOf(responses),
  }
}
