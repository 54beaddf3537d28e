import type { Widget } from '@/widgets/widget'
import { words } from '@/words'
import { Problem } from './problem'
import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Json } from './schema'

/** A row of api.dashboards. A change names the version that it is based on. */
export type Dashboard = Omit<Known<RowOf<'dashboards'>, 'public_id' | 'name' | 'shared' | 'version' | 'own' | 'author'>, 'widgets'> & {
  widgets: Widget[]
}
export type DashboardValues = Partial<Pick<Dashboard, 'name' | 'shared' | 'widgets'>>

const toJson = (values: DashboardValues) => values as unknown as Omit<DashboardValues, 'widgets'> & { widgets?: Json }

/** Null where there is none that this person may see. */
export async function readDashboard(publicId: string): Promise<Dashboard | null> {
  const answer = await (await rest()).from('dashboards').select('*').eq('public_id', publicId)
  return (rowsOf(answer) as unknown as Dashboard[])[0] ?? null
}

export async function makeDashboard(values: DashboardValues): Promise<Dashboard> {
  const made = (await rest()).from('dashboards').insert(toJson(values)).select('*')
  return (rowsOf(await made) as unknown as Dashboard[])[0]!
}

/** As it is then. A Problem with status 409 where somebody changed it since it was read. */
export async function changeDashboard({ id, version }: Dashboard, values: DashboardValues): Promise<Dashboard> {
  const changed = (await rest()).from('dashboards').update({ ...toJson(values), version }).eq('id', id).select('*')
  const row = (rowsOf(await changed) as unknown as Dashboard[])[0]
  if (row === undefined) throw new Problem(words.dashboards.gone, 404)
  return row
}

export async function deleteDashboard(id: number) {
  rowsOf(await (await rest()).from('dashboards').delete().eq('id', id))
}
