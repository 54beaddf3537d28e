import type { Dashboard } from '@/api/dashboards'
import { findEvents, findEventsByName } from '@/api/events'
import { Problem } from '@/api/problem'
import { save } from '@/shared/save'
import type { Widget } from '@/widgets/widget'
import { words } from '@/words'

const FORMAT = 'webmacs.dashboard'
const VERSION = 1
const LARGEST = 1_000_000

/** Events have another public_id elsewhere, so their names go with them. */
interface DashboardFile {
  format: typeof FORMAT
  version: number
  name: string
  widgets: Widget[]
  events: { public_id: string; name: string }[]
}

export const eventsOf = (widgets: readonly Widget[]) => [...new Set(widgets.flatMap(({ options }) => options?.events ?? []))]

export async function saveAsFile({ name, widgets }: Pick<Dashboard, 'name' | 'widgets'>) {
  const events = (await findEvents(eventsOf(widgets))).map(({ public_id, name: called }) => ({ public_id, name: called }))
  const file: DashboardFile = { format: FORMAT, version: VERSION, name, widgets, events }
  const content = new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' })
  save({ name: `${name.replace(/[^\p{L}\p{N} ._-]/gu, '_')}.dashboard.json`, content })
}

const refuse = (why: string) => new Problem(why, 0)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refuse(words.dashboards.refused.noJson((error as Error).message))
  }
}

const isText = (value: unknown) => typeof value === 'string'
const isEvent = (value: unknown) => isText((value as DashboardFile['events'][number] | null)?.public_id) && isText((value as { name?: unknown }).name)

/** What a file has, if it has the form of one. What its widgets must be says the database. */
export function fromText(text: string): DashboardFile {
  if (text.length > LARGEST) throw refuse(words.dashboards.refused.large)
  const file = parse(text) as Partial<DashboardFile> | null
  const { refused } = words.dashboards
  if (file === null || typeof file !== 'object' || file.format !== FORMAT) throw refuse(refused.otherFormat)
  if (typeof file.version !== 'number') throw refuse(refused.part('version'))
  if (file.version > VERSION) throw refuse(refused.newer(String(file.version)))
  if (!isText(file.name)) throw refuse(refused.part('name'))
  if (!Array.isArray(file.widgets)) throw refuse(refused.part('widgets'))
  if (!Array.isArray(file.events) || !file.events.every(isEvent)) throw refuse(refused.part('events'))
  return file as DashboardFile
}

/** The same widgets, with events named as they are here: by their identifier, else by their name. */
export function renamed(widgets: readonly Widget[], names: ReadonlyMap<string, string>): Widget[] {
  const called = (id: string) => names.get(id) ?? id
  const events = (list: unknown) => (Array.isArray(list) ? list.map((id) => (isText(id) ? called(id as string) : id)) : list)
  return widgets.map((widget) =>
    widget?.options?.events === undefined ? widget : { ...widget, options: { ...widget.options, events: events(widget.options.events) as string[] } },
  )
}

/** Widgets for this installation, and the names of events that it does not have. */
export async function localised({ widgets, events }: DashboardFile): Promise<{ widgets: Widget[]; unknown: string[] }> {
  const here = new Set((await findEvents(events.map(({ public_id: id }) => id))).map(({ public_id: id }) => id))
  const foreign = events.filter(({ public_id: id }) => !here.has(id))
  const namesakes = new Map((await findEventsByName(foreign.map(({ name }) => name))).map(({ name, public_id: id }) => [name, id]))
  const names = new Map(foreign.flatMap(({ public_id: id, name }) => (namesakes.has(name) ? [[id, namesakes.get(name)!]] : [])))
  return { widgets: renamed(widgets, names), unknown: foreign.filter(({ name }) => !namesakes.has(name)).map(({ name }) => name) }
}
