import type { View } from '@/view'
import { words } from '@/words'
import OverviewView from './OverviewView.vue'

export default [
  { name: 'overview', path: '/', title: words.overview.title, component: OverviewView, group: 'watch', place: 0 },
] satisfies View[]
