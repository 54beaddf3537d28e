import { defineAsyncComponent } from 'vue'
import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'logs',
    path: '/log',
    title: words.logs.title,
    component: () => import('./LogsView.vue'),
    group: 'watch',
    place: 90,
    badge: defineAsyncComponent(() => import('./UnreadBadge.vue')),
  },
] satisfies View[]
