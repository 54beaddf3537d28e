import { ROLES } from '@/accounts/role'
import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const say = words.access
const roles = ROLES.map((value) => ({ value, label: words.header.roles[value]! }))
const states = ['active', 'revoked', 'expired'].map((value) => ({ value, label: say.states[value]! }))
const reasons = Object.entries(say.reasons).map(([value, label]) => ({ value, label }))

export const SESSIONS: Listed<'sessions'> = {
  view: 'sessions',
  key: 'jti',
  sort: { column: 'created_at', descending: true },
  columns: [
    { name: 'username', label: say.who, filter: 'text', sortable: true, wide: true },
    { name: 'role', label: say.role, filter: roles },
    { name: 'first_agent', label: say.program },
    { name: 'created_at', label: say.begun(zone()), sortable: true },
    { name: 'last_used_at', label: say.used(zone()), sortable: true },
    { name: 'state', label: say.state, filter: states },
  ],
}

export const TOKENS: Listed<'api_tokens'> = {
  view: 'api_tokens',
  key: 'jti',
  sort: { column: 'created_at', descending: true },
  columns: [
    { name: 'name', label: say.name, filter: 'text', sortable: true, wide: true },
    { name: 'username', label: say.who, filter: 'text', sortable: true },
    { name: 'role', label: say.role, filter: roles },
    { name: 'created_at', label: say.begun(zone()), sortable: true },
    { name: 'expires_at', label: say.until(zone()), sortable: true },
    { name: 'last_used_at', label: say.used(zone()), sortable: true },
    { name: 'state', label: say.state, filter: states },
  ],
}

export const CONTROLLER_TOKENS: Listed<'controller_tokens'> = {
  view: 'controller_tokens',
  key: 'jti',
  sort: { column: 'created_at', descending: true },
  columns: [
    { name: 'name', label: say.controller, filter: 'text', sortable: true, wide: true },
    { name: 'created_at', label: say.begun(zone()), sortable: true },
    { name: 'expires_at', label: say.until(zone()), sortable: true },
    { name: 'last_used_at', label: say.used(zone()), sortable: true },
    { name: 'state', label: say.state, filter: states },
  ],
}

export const FAILURES: Listed<'login_failures'> = {
  view: 'login_failures',
  key: 'id',
  sort: { column: 'failed_at', descending: true },
  columns: [
    { name: 'failed_at', label: say.at(zone()), filter: 'time', sortable: true },
    { name: 'username', label: say.who, filter: 'text', sortable: true },
    { name: 'reason', label: say.reason, filter: reasons },
    { name: 'address', label: say.address, filter: 'text', sortable: true },
    { name: 'agent', label: say.program },
  ],
}
