import type { Dashboard } from '@/api/dashboards'
import { words } from '@/words'

/** Whose it is, in words. */
export function kindOf({ own, shared, author }: Pick<Dashboard, 'own' | 'shared' | 'author'>): string {
  const { kinds } = words.dashboards
  if (own) return shared ? kinds.ownShared : kinds.own
  return `${shared ? kinds.shared : kinds.others} · ${words.dashboards.owner} ${author}`
}
