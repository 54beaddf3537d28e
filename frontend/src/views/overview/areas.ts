import type { Event } from '@/api/events'

export interface Area {
  name: string | null
  events: Event[]
}

const byWords = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Events under their area, both in the order people expect (T2 before T10); those without an area come last. */
export function byArea(events: Event[]): Area[] {
  const areas = new Map<string | null, Event[]>()
  for (const event of events) areas.set(event.area, [...(areas.get(event.area) ?? []), event])
  return [...areas]
    .map(([name, of]) => ({ name, events: of.sort((a, b) => byWords.compare(a.name, b.name)) }))
    .sort((a, b) => Number(a.name === null) - Number(b.name === null) || byWords.compare(a.name ?? '', b.name ?? ''))
}

/** The name as it is said below the heading of its area: controllers put the area's name before it. */
export function nameWithinArea({ name, area }: Pick<Event, 'name' | 'area'>): string {
  return area !== null && name.startsWith(`${area} `) ? name.slice(area.length + 1) : name
}
