import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'updates',
    path: '/updates',
    title: words.updates.title,
    component: () => import('./UpdatesView.vue'),
    role: 'admin',
    group: 'administer',
    place: 16,
    search: searched({
      view: 'update_bundles',
      kind: words.updates.bundle,
      columns: ['version', 'product', 'changes'],
      to: (bundle) => ({ name: 'update-bundle', params: { id: bundle.id } }),
    }),
  },
  {
    name: 'update-bundles',
    path: '/updates/bundles',
    title: words.updates.bundles,
    component: () => import('./BundlesView.vue'),
    role: 'admin',
    within: 'updates',
  },
  {
    name: 'update-bundle',
    path: '/updates/bundles/:id(\\d{1,9})',
    title: words.updates.bundle,
    component: () => import('./BundleView.vue'),
    role: 'admin',
    within: 'updates',
  },
  {
    name: 'update',
    path: '/updates/:id(\\d{1,9})',
    title: words.updates.one,
    component: () => import('./UpdateView.vue'),
    role: 'admin',
    within: 'updates',
  },
] satisfies View[]
