import { createRouter, createWebHistory } from 'vue-router'
import { useSession } from './accounts/session'
import OverviewView from './views/overview/OverviewView.vue'
import SignInView from './views/sign-in/SignInView.vue'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'overview', component: OverviewView },
    { path: '/sign-in', name: 'sign-in', component: SignInView, meta: { open: true } },
    { path: '/reset', name: 'reset', component: () => import('./views/reset/ResetView.vue'), meta: { open: true } },
    { path: '/events/:public_id', name: 'event', component: () => import('./views/event/EventView.vue') },
    { path: '/account', name: 'account', component: () => import('./views/account/AccountView.vue') },
    { path: '/:path(.*)*', name: 'not-found', component: () => import('./views/not-found/NotFoundView.vue'), meta: { open: true } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach((to) => {
  const { signedIn } = useSession()
  if (!signedIn && !to.meta.open) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  if (signedIn && to.name === 'sign-in') return { name: 'overview' }
})
