import type { JsonSchema } from '@/shared/form/json-schema'
import type { Channel } from './controllers'
import type { Event } from './events'
import { rest, rowsOf } from './rest'
import type { Database } from './schema'

type Views = Database['api']['Views']
export type InstanceChange = Views['plugin_instances']['Update']
export type ChannelChange = Views['channel_mappings']['Update']
export type EventChange = Views['events']['Update']

/** An event that no channel feeds yet. */
export type FreeEvent = Pick<Event, 'id' | 'name' | 'unit' | 'event_type'>

/** What a controller has said of a plugin's settings; null: nothing. */
export async function readSchema(controllerId: number, plugin: string): Promise<JsonSchema | null> {
  const query = (await rest()).from('controller_plugins').select('schema').eq('controller_id', controllerId)
  return rowsOf<{ schema: JsonSchema | null }[]>(await query.eq('plugin', plugin))[0]?.schema ?? null
}

/** Returns its public_id. */
export async function addInstance(values: InstanceChange): Promise<string> {
  const added = (await rest()).from('plugin_instances').insert(values).select('public_id')
  return rowsOf<{ public_id: string }[]>(await added)[0]!.public_id
}

export async function changeInstance(id: number, values: InstanceChange) {
  rowsOf(await (await rest()).from('plugin_instances').update(values).eq('id', id))
}

/** Its channels go with it; their events and values stay. */
export async function deleteInstance(id: number) {
  rowsOf(await (await rest()).from('plugin_instances').delete().eq('id', id))
}

export async function changeChannel({ id }: Pick<Channel, 'id'>, values: ChannelChange) {
  rowsOf(await (await rest()).from('channel_mappings').update(values).eq('id', id))
}

export async function listFreeEvents(): Promise<FreeEvent[]> {
  const query = (await rest()).from('events').select<string, FreeEvent>('id,name,unit,event_type,channel_mappings()')
  return rowsOf<FreeEvent[]>(await query.is('channel_mappings', null).is('archived_at', null).order('name'))
}

/** Returns its number. */
export async function addEvent(values: EventChange): Promise<number> {
  const added = (await rest()).from('events').insert(values).select('id')
  return rowsOf<{ id: number }[]>(await added)[0]!.id
}
