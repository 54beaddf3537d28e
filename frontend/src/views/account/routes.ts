import type { View } from '@/view'
import { words } from '@/words'

export default [
  { name: 'account', path: '/account', title: words.account.title, component: () => import('./AccountView.vue') },
] satisfies View[]
