import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  { name: 'rules', path: '/rules', title: words.rules.title, component: () => import('./RulesView.vue'), group: 'automate', place: 10 },
  { name: 'rule-new', path: '/rules/new', title: words.rules.newTitle, component: () => import('./RuleView.vue'), role: 'admin' },
  {
    name: 'rule',
    path: '/rules/:public_id',
    title: words.rules.one,
    component: () => import('./RuleView.vue'),
    search: searched({
      view: 'rules',
      kind: words.rules.one,
      columns: ['name', 'message'],
      to: (rule) => ({ name: 'rule', params: { public_id: rule.public_id ?? '' } }),
    }),
  },
] satisfies View[]
