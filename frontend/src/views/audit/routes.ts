import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'audit',
    path: '/audit',
    title: words.audit.title,
    component: () => import('./AuditView.vue'),
    role: 'admin',
    group: 'administer',
    place: 60,
  },
] satisfies View[]
