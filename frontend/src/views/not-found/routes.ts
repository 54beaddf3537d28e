import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'not-found',
    path: '/:path(.*)*',
    title: words.notFound.title,
    component: () => import('./NotFoundView.vue'),
    role: 'open',
  },
] satisfies View[]
