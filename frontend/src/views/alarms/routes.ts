import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'alarms',
    path: '/alarms',
    title: words.alarms.title,
    component: () => import('./AlarmsView.vue'),
    group: 'watch',
    place: 20,
  },
  { name: 'alarm-journal', path: '/alarms/journal', title: words.alarms.journal, component: () => import('./JournalView.vue') },
  { name: 'alarm-figures', path: '/alarms/figures', title: words.alarms.figures, component: () => import('./FiguresView.vue') },
  { name: 'alarm', path: '/alarms/:public_id', title: words.alarms.one, component: () => import('./AlarmView.vue') },
] satisfies View[]
