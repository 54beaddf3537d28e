import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type InterlockChange = Database['api']['Views']['interlocks']['Update']

/** A condition under which an actuator moves; `source` is null where its event was purged, which blocks. */
export type Interlock = Known<RowOf<'interlocks'>, 'event_id' | 'operator' | 'threshold' | 'max_age_seconds' | 'enabled'> & {
  source: { name: string; unit: string | null } | null
}

export async function listInterlocks(eventIds: readonly number[]): Promise<Interlock[]> {
  const query = (await rest()).from('interlocks').select<string, Interlock>('*,source:events!source_event_id(name,unit)')
  return rowsOf<Interlock[]>(await query.in('event_id', eventIds as number[]).order('id'))
}

/** A new one has no number. */
export async function saveInterlock(id: number | null, values: InterlockChange) {
  const interlocks = (await rest()).from('interlocks')
  rowsOf(await (id === null ? interlocks.insert(values) : interlocks.update(values).eq('id', id)))
}

export async function deleteInterlock(id: number) {
  rowsOf(await (await rest()).from('interlocks').delete().eq('id', id))
}
