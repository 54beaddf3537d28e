import type { View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'access',
    path: '/access',
    title: words.access.title,
    component: () => import('./SessionsView.vue'),
    role: 'admin',
    group: 'administer',
    place: 30,
  },
  { name: 'access-tokens', path: '/access/tokens', title: words.access.tabs.tokens, component: () => import('./TokensView.vue'), role: 'admin', within: 'access' },
  { name: 'access-controllers', path: '/access/controllers', title: words.access.tabs.controllers, component: () => import('./ControllerTokensView.vue'), role: 'admin', within: 'access' },
  { name: 'access-failures', path: '/access/failures', title: words.access.tabs.failures, component: () => import('./FailuresView.vue'), role: 'admin', within: 'access' },
] satisfies View[]
