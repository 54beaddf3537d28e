import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'packages',
    path: '/packages',
    title: words.packages.title,
    component: () => import('./PackagesView.vue'),
    role: 'admin',
    group: 'administer',
    place: 15,
    search: searched({
      view: 'plugin_packages',
      kind: words.packages.one,
      columns: ['name', 'summary'],
      to: (one) => ({ name: 'packages', query: { 'f.name': one.name ?? '' } }),
    }),
  },
] satisfies View[]
