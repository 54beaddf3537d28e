import { inAny } from './like'
import { rest, rowsOf, type Known, type RowOf } from './rest'

export interface Latest {
  ts: string
  value: number
  quality: number
}

/** A row of api.events with its newest value. */
export type Event = Known<RowOf<'events'>, 'public_id' | 'name' | 'event_type'> & { latest: Latest | null }

/** To-one embeddings come as an object or, where PostgREST cannot tell, as an array of one. */
type EventRow = Omit<Event, 'latest'> & { latest: Latest | Latest[] | null }

const COLUMNS = '*,latest(ts,value,quality)'

function withLatest(row: EventRow): Event {
  return { ...row, latest: Array.isArray(row.latest) ? (row.latest[0] ?? null) : row.latest }
}

/** All events that are not archived, by area and name. */
export async function listEvents(): Promise<Event[]> {
  const answer = await (await rest()).from('events').select(COLUMNS).is('archived_at', null).order('area').order('name')
  return rowsOf<EventRow[]>(answer).map(withLatest)
}

/** One event, or null where there is none that this person may see. */
export async function findEvent(publicId: string): Promise<Event | null> {
  const answer = await (await rest()).from('events').select(COLUMNS).eq('public_id', publicId)
  const row = rowsOf<EventRow[]>(answer)[0]
  return row ? withLatest(row) : null
}

/** Those of these that this person may see, in whatever order. */
export async function findEvents(publicIds: readonly string[]): Promise<Event[]> {
  if (publicIds.length === 0) return []
  const answer = await (await rest()).from('events').select(COLUMNS).in('public_id', [...publicIds])
  return rowsOf<EventRow[]>(answer).map(withLatest)
}

interface Sought {
  text: string
  /** Of these types alone. */
  types?: readonly string[] | undefined
  most: number
}

/** Events that are not archived and whose name, area or unit holds the text, by area and name. */
export async function searchEvents({ text, types, most }: Sought): Promise<Event[]> {
  let query = (await rest()).from('events').select(COLUMNS).is('archived_at', null)
  if (text !== '') query = query.or(inAny(['name', 'area', 'unit'], text))
  if (types !== undefined) query = query.in('event_type', types as Event['event_type'][])
  return rowsOf<EventRow[]>(await query.order('area').order('name').limit(most)).map(withLatest)
}

export async function findEventsByName(names: readonly string[]): Promise<Event[]> {
  if (names.length === 0) return []
  const answer = await (await rest()).from('events').select(COLUMNS).in('name', [...names])
  return rowsOf<EventRow[]>(answer).map(withLatest)
}
