import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'system',
    path: '/system',
    title: words.system.title,
    component: () => import('./SystemView.vue'),
    role: 'admin',
    group: 'administer',
    place: 70,
  },
] satisfies View[]
