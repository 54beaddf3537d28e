import type { RouteLocationRaw } from 'vue-router'
import { inAny } from '@/api/like'
import { rest, rowsOf } from '@/api/rest'
import { views } from '@/navigation'
import { GROUPS, mayOpen, type Searched, type View } from '@/view'
import { words } from '@/words'

export interface Found {
  key: string
  text: string
  beside: string
  kind: string
  to: RouteLocationRaw
}

export interface Results {
  found: Found[]
  /** The kinds of which there are more than are shown. */
  cut: string[]
}

export const MOST_OF_A_KIND = 8

/** Where a view stands: as in the navigation, its parts behind it, and what is not there at the end. */
function placeOf({ group, place = 0, within }: View, all: readonly View[]): number {
  const whole = all.find(({ name }) => name === within)
  if (whole) return placeOf(whole, all) + 0.5
  return 1000 * (group === undefined ? GROUPS.length : GROUPS.indexOf(group)) + place
}

/** Views that are offered to this role and called so. */
export function findViews(text: string, role: string | undefined, all: readonly View[] = views): Found[] {
  const named = all.filter((view) => mayOpen(view, role) && view.role !== 'open' && !view.path.includes(':'))
  const called = named.filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()))
  return called
    .sort((a, b) => placeOf(a, all) - placeOf(b, all))
    .map(({ name, title, within }) => ({
      key: `view ${name}`,
      text: title,
      beside: all.find((whole) => whole.name === within)?.title ?? '',
      kind: words.search.view,
      to: { name },
    }))
}

async function findRows(name: string, { view, kind, columns, to }: Searched, text: string): Promise<Results> {
  const asked = (await rest()).from(view).select('*').or(inAny(columns, text))
  const answer = await asked.order(columns[0]!).limit(MOST_OF_A_KIND + 1)
  const rows = rowsOf<Record<string, unknown>[]>(answer as { data: Record<string, unknown>[]; error: unknown; status: number })
  const found = rows.slice(0, MOST_OF_A_KIND).map((row, i) => ({
    key: `${name} ${i}`,
    text: String(row[columns[0]!]),
    beside: String(row[columns[1] ?? ''] ?? ''),
    kind,
    to: to(row as Parameters<typeof to>[0]),
  }))
  return { found, cut: rows.length > found.length ? [kind] : [] }
}

/** What this role may open whose name holds the text: views first, then rows of the API, kind by kind. */
export async function find(text: string, role: string | undefined): Promise<Results> {
  const searched = views.flatMap((view) => (view.search && mayOpen(view, role) ? [findRows(view.name, view.search, text)] : []))
  const kinds = await Promise.all(searched)
  return {
    found: [...findViews(text, role), ...kinds.flatMap(({ found }) => found)],
    cut: kinds.flatMap(({ cut }) => cut),
  }
}
