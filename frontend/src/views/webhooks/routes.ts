import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'webhooks',
    path: '/webhooks',
    title: words.webhooks.title,
    component: () => import('./WebhooksView.vue'),
    role: 'admin',
    group: 'automate',
    place: 20,
    search: searched({
      view: 'webhooks',
      kind: words.webhooks.one,
      columns: ['name', 'url'],
      to: (webhook) => ({ name: 'webhooks', query: { 'f.name': webhook.name ?? '' } }),
    }),
  },
  {
    name: 'webhook-deliveries',
    path: '/webhooks/deliveries',
    title: words.webhooks.deliveries,
    component: () => import('./DeliveriesView.vue'),
    role: 'admin',
  },
] satisfies View[]
