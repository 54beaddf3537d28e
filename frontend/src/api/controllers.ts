import { fetchAsPerson } from './fetch-as-person'
import { fetchJson } from './fetch-json'
import type { Event, Latest } from './events'
import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type Controller = Known<RowOf<'controllers'>, 'public_id' | 'name' | 'enabled' | 'created_at' | 'config_version'>
export type ControllerChange = Database['api']['Views']['controllers']['Update']
export type Installed = Known<RowOf<'controller_plugins'>, 'name' | 'version'>

/** A channel, with the event that it feeds or that drives it. */
export type Channel = Known<
  RowOf<'channel_mappings'>,
  'plugin_instance_id' | 'channel' | 'channel_name' | 'direction' | 'status' | 'report' | 'deadband' | 'heartbeat_seconds'
> & { event: Event | null }

export type Instance = Known<
  RowOf<'plugin_instances'>,
  'public_id' | 'controller_id' | 'name' | 'plugin' | 'demo_mode' | 'enabled' | 'interval_seconds' | 'status'
> & { channels: Channel[] }

/** A controller with what it says of its plugin instances. */
export type StandingController = Pick<Controller, 'id' | 'public_id' | 'name' | 'enabled' | 'connected_at' | 'last_seen_at'> & {
  plugin_instances: Pick<Instance, 'name' | 'enabled' | 'status' | 'status_detail' | 'setting_error'>[]
}

/** A token that is shown this once. */
export interface IssuedToken {
  access_token: string
  expires_at: string
}

/** How all controllers are, by name. */
export async function readStanding(): Promise<StandingController[]> {
  const instances = 'plugin_instances(name,enabled,status,status_detail,setting_error)' as const
  const asked = (await rest()).from('controllers').select(`id,public_id,name,enabled,connected_at,last_seen_at,${instances}`)
  return rowsOf<StandingController[]>(await asked.order('name').order('name', { referencedTable: 'plugin_instances' }))
}

export async function findController(publicId: string): Promise<Controller | null> {
  const answer = await (await rest()).from('controllers').select('*').eq('public_id', publicId)
  return rowsOf<Controller[]>(answer)[0] ?? null
}

export async function addController(values: ControllerChange): Promise<Controller> {
  const added = (await rest()).from('controllers').insert(values).select('*')
  return rowsOf<Controller[]>(await added)[0]!
}

export async function changeController(id: number, values: ControllerChange) {
  rowsOf(await (await rest()).from('controllers').update(values).eq('id', id))
}

/** Its instances and channels go with it; its events and their values stay. */
export async function deleteController(id: number) {
  rowsOf(await (await rest()).from('controllers').delete().eq('id', id))
}

/** Another token; those that it has go on counting. */
export const makeControllerToken = (publicId: string) =>
  fetchJson<IssuedToken>(
    '/auth/controller-tokens',
    {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ controller_public_id: publicId }),
    },
    fetchAsPerson,
  )

type Embedded = Omit<Event, 'latest'> & { latest: Latest | Latest[] | null }
type ChannelRow = Omit<Channel, 'event'> & { events: Embedded | null }
type InstanceRow = Omit<Instance, 'channels'> & { channel_mappings: ChannelRow[] }

/** Filter 2 before filter 10. */
const { compare } = new Intl.Collator(undefined, { numeric: true })
const byName = (a: Channel, b: Channel) => compare(a.channel_name, b.channel_name)

const COLUMNS = '*,channel_mappings(*,events(*,latest(ts,value,quality)))'

function channelOf({ events, ...row }: ChannelRow): Channel {
  const latest = Array.isArray(events?.latest) ? (events.latest[0] ?? null) : (events?.latest ?? null)
  return { ...row, event: events && { ...events, latest } }
}

function instanceOf({ channel_mappings: rows, ...row }: InstanceRow): Instance {
  const channels = rows.map(channelOf).sort(byName)
  return { ...row, channels }
}

/** The instances of a controller with their channels and events, by name. */
export async function listInstances(controllerId: number): Promise<Instance[]> {
  const query = (await rest()).from('plugin_instances').select<string, InstanceRow>(COLUMNS)
  return rowsOf<InstanceRow[]>(await query.eq('controller_id', controllerId).order('name')).map(instanceOf)
}

export async function listInstalled(controllerId: number): Promise<Installed[]> {
  const query = (await rest()).from('controller_plugins').select('*').eq('controller_id', controllerId)
  return rowsOf<Installed[]>(await query.order('plugin'))
}
