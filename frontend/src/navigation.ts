import { GROUPS, mayOpen, type Group, type View } from './view'

const files = import.meta.glob<View[]>('./views/*/routes.ts', { eager: true, import: 'default' })

/** All views, gathered from their folders. */
export const views: readonly View[] = Object.values(files).flat()

export interface Section {
  group: Group
  views: View[]
}

/** What is offered to somebody of this role; what they may not open is not. */
export function navigationFor(role: string | undefined, all: readonly View[] = views): Section[] {
  const offered = (group: Group) => all.filter((view) => view.group === group && mayOpen(view, role))
  const inOrder = (group: Group) => offered(group).sort((a, b) => (a.place ?? 0) - (b.place ?? 0))
  return GROUPS.map((group) => ({ group, views: inOrder(group) })).filter(({ views }) => views.length > 0)
}
