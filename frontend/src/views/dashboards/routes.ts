import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'dashboards',
    path: '/dashboards',
    title: words.dashboards.title,
    component: () => import('./DashboardsView.vue'),
    group: 'watch',
    place: 1,
  },
  {
    name: 'dashboard',
    path: '/dashboards/:public_id',
    title: words.dashboards.one,
    component: () => import('@/views/dashboard/DashboardView.vue'),
    search: searched({
      view: 'dashboards',
      kind: words.dashboards.one,
      columns: ['name', 'author'],
      to: (dashboard) => ({ name: 'dashboard', params: { public_id: dashboard.public_id ?? '' } }),
    }),
  },
] satisfies View[]
