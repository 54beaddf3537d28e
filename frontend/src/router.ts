import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { useSession } from './accounts/session'
import { views } from './navigation'
import type { View } from './view'

const toRoute = (view: View): RouteRecordRaw => ({
  path: view.path,
  name: view.name,
  component: view.component,
  meta: { view },
})

export const router = createRouter({
  history: createWebHistory(),
  routes: views.map(toRoute),
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach((to) => {
  const { signedIn } = useSession()
  if (!signedIn && to.meta.view.role !== 'open') return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (signedIn && to.name === 'sign-in') return { name: 'overview' }
})
