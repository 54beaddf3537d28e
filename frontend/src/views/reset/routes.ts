import type { View } from '@/view'
import { words } from '@/words'

export default [
  { name: 'reset', path: '/reset', title: words.reset.title, component: () => import('./ResetView.vue'), role: 'open' },
] satisfies View[]
