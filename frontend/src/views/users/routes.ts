import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'users',
    path: '/users',
    title: words.users.title,
    component: () => import('./UsersView.vue'),
    role: 'admin',
    group: 'administer',
    place: 20,
    search: searched({
      view: 'users',
      kind: words.users.one,
      columns: ['username', 'email'],
      to: (user) => ({ name: 'users', query: { 'f.username': user.username ?? '' } }),
    }),
  },
] satisfies View[]
