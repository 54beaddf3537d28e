import { mayAs } from '@/accounts/role'
import type { Dashboard } from '@/api/dashboards'

/** As the database has it: owners change their own, but what everybody sees only as operators; administrators all. */
export function mayChange({ own, shared }: Pick<Dashboard, 'own' | 'shared'>, role: string | undefined): boolean {
  return mayAs(role, 'admin') || (own && (!shared || mayAs(role, 'operator')))
}

export const mayDelete = ({ own }: Pick<Dashboard, 'own'>, role: string | undefined) => own || mayAs(role, 'admin')
export const mayShare = (role: string | undefined) => mayAs(role, 'operator')
