import type { View } from '@/view'
import { words } from '@/words'

export default [
  { name: 'explore', path: '/explore', title: words.explore.title, component: () => import('./ExploreView.vue'), group: 'analyse', place: 10 },
] satisfies View[]
