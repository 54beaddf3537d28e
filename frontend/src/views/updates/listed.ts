import type { Target } from '@/api/updates'
import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const told = words.updates
const options = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }))

/** The server itself is none of the controllers. */
const machines = (targets: readonly Target[]) => [
  { value: 'null', label: told.thisServer },
  ...targets.map(({ id, name }) => ({ value: String(id), label: name })),
]

/** By number, which is given in the order of asking. */
export const updatesOf = (targets: readonly Target[]): Listed<'updates'> => ({
  view: 'updates',
  key: 'id',
  sort: { column: 'id', descending: true },
  columns: [
    { name: 'controller_id', label: told.controller, filter: machines(targets), wide: true },
    { name: 'bundle_id', label: told.version },
    { name: 'state', label: told.state, filter: options(told.states), wide: true },
    { name: 'author', label: told.author, filter: 'text' },
    { name: 'id', label: told.asked(zone()), sortable: true },
  ],
})

export const BUNDLES: Listed<'update_bundles'> = {
  view: 'update_bundles',
  key: 'id',
  sort: { column: 'id', descending: true },
  columns: [
    { name: 'version', label: told.version, filter: 'text', wide: true },
    { name: 'product', label: told.madeFor, filter: options(told.products) },
    { name: 'counter', label: told.counter, sortable: true },
    { name: 'size', label: told.size, sortable: true },
    { name: 'expires_at', label: told.expires, sortable: true },
    { name: 'id', label: told.uploaded(zone()), sortable: true },
  ],
}
