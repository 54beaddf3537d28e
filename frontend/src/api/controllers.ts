import { rest, rowsOf, type Known, type RowOf } from './rest'

export type Controller = Known<RowOf<'controllers'>, 'public_id' | 'name' | 'enabled'>
export type PluginInstance = Known<RowOf<'plugin_instances'>, 'controller_id' | 'name' | 'enabled' | 'status'>

/** A controller with what it says of its plugin instances. */
export type StandingController = Pick<Controller, 'id' | 'public_id' | 'name' | 'enabled' | 'connected_at' | 'last_seen_at'> & {
  plugin_instances: Pick<PluginInstance, 'name' | 'enabled' | 'status' | 'status_detail' | 'setting_error'>[]
}

/** How all controllers are, by name. */
export async function readStanding(): Promise<StandingController[]> {
  const instances = 'plugin_instances(name,enabled,status,status_detail,setting_error)' as const
  const asked = (await rest()).from('controllers').select(`id,public_id,name,enabled,connected_at,last_seen_at,${instances}`)
  return rowsOf<StandingController[]>(await asked.order('name').order('name', { referencedTable: 'plugin_instances' }))
}
