import type { View } from '@/view'
import { words } from '@/words'
import SignInView from './SignInView.vue'

export default [
  { name: 'sign-in', path: '/sign-in', title: words.signIn.title, component: SignInView, role: 'open' },
] satisfies View[]
