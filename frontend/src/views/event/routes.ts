import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  { name: 'events', path: '/events', title: words.events.title, component: () => import('./EventsView.vue'), group: 'watch', place: 15 },
  {
    name: 'event',
    path: '/events/:public_id',
    title: words.event.title,
    component: () => import('./EventView.vue'),
    search: searched({
      view: 'events',
      kind: words.event.title,
      columns: ['name', 'area'],
      to: (event) => ({ name: 'event', params: { public_id: event.public_id ?? '' } }),
    }),
  },
] satisfies View[]
