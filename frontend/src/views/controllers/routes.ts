import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'controllers',
    path: '/controllers',
    title: words.controllers.title,
    component: () => import('./ControllersView.vue'),
    group: 'administer',
    place: 10,
    search: searched({
      view: 'controllers',
      kind: words.controllers.one,
      columns: ['name', 'description'],
      to: (controller) => ({ name: 'controller', params: { public_id: controller.public_id ?? '' } }),
    }),
  },
  {
    name: 'controller',
    path: '/controllers/:public_id',
    title: words.controllers.one,
    component: () => import('./ControllerView.vue'),
    within: 'controllers',
  },
  {
    name: 'instance',
    path: '/controllers/:public_id/instances/:instance',
    title: words.instances.title,
    component: () => import('./InstanceView.vue'),
    role: 'admin',
    within: 'controllers',
  },
  {
    name: 'new-instance',
    path: '/controllers/:public_id/add/:plugin',
    title: words.instances.title,
    component: () => import('./NewInstanceView.vue'),
    role: 'admin',
    within: 'controllers',
  },
] satisfies View[]
