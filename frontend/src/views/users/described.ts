import { ROLES } from '@/accounts/role'
import { zone } from '@/format/moment'
import type { Field } from '@/shared/form/field'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const roles = ROLES.map((value) => ({ value, label: words.header.roles[value]! }))
const states = ['pending', 'active', 'disabled'].map((value) => ({ value, label: words.users.states[value]! }))

/** Who waits for approval is not found by their name, so they can be filtered for. */
export const USERS: Listed<'users'> = {
  view: 'users',
  key: 'id',
  sort: { column: 'username', descending: false },
  columns: [
    { name: 'username', label: words.users.username, filter: 'text', sortable: true, wide: true },
    { name: 'email', label: words.users.email, filter: 'text', sortable: true, wide: true },
    { name: 'role', label: words.users.role, filter: roles },
    { name: 'state', label: words.users.state, filter: states },
    { name: 'last_seen_at', label: words.users.lastSeen(zone()), sortable: true },
  ],
}

/** What makes an account. */
export const OF_A_NEW_USER: readonly Field[] = [
  { name: 'username', label: words.users.username, help: words.users.usernameHelp, required: true },
  { name: 'email', label: words.users.email, kind: 'email', help: words.users.emailHelp },
  {
    name: 'role',
    label: words.users.role,
    kind: 'choice',
    options: ROLES.map((value) => ({ value, label: words.users.roles[value]! })),
  },
]

/** Nobody is made to wait for approval once more. */
export const fieldsOf = (state: string): readonly Field[] => [
  ...OF_A_NEW_USER,
  { name: 'state', label: words.users.state, kind: 'choice', options: states.filter(({ value }) => value !== 'pending' || value === state) },
]
