import { isoTime, parseTime, type Seconds } from '@/format/time'
import { rest, rowsOf } from './rest'

/** That an alarm was raised: a moment of a chart. */
export interface AlarmMoment {
  id: number
  t: Seconds
  message: string | null
  alarm: { public_id: string; name: string; severity: string; priority: number }
}

interface Row {
  id: number
  happened_at: string
  message: string | null
  alarms: AlarmMoment['alarm']
}

export const MOST_MOMENTS = 500

/** When alarms of these events were raised in this range, the newest `MOST_MOMENTS`, oldest first. */
export async function readAlarmMoments(eventIds: readonly number[], from: Seconds, to: Seconds): Promise<AlarmMoment[]> {
  const journal = (await rest()).from('alarm_journal').select('id,happened_at,message,alarms!inner(public_id,name,severity,priority)')
  const raised = journal.eq('step', 'raised').gte('happened_at', isoTime(from)).lt('happened_at', isoTime(to))
  const ofEvents = raised.filter('alarms.event_id', 'in', `(${eventIds.join()})`)
  const answer = await ofEvents.order('happened_at', { ascending: false }).limit(MOST_MOMENTS)
  const rows = rowsOf<Row[]>(answer as { data: Row[] | null; error: unknown; status: number })
  return rows.reverse().map(({ id, happened_at: at, message, alarms: alarm }) => ({ id, t: parseTime(at), message, alarm }))
}
