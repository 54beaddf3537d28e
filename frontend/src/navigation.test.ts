import { expect, it } from 'vitest'
import { mayAs } from './accounts/role'
import { navigationFor } from './navigation'
import type { View } from './view'

const view = (name: string, more: Partial<View>): View => ({ name, path: `/${name}`, title: name, component: {}, ...more })
const VIEWS = [
  view('users', { group: 'administer', role: 'admin' }),
  view('logs', { group: 'watch', place: 2 }),
  view('overview', { group: 'watch', place: 1 }),
  view('rules', { group: 'automate', role: 'operator' }),
  view('account', {}),
]

it.each([
  ['viewer', { watch: ['overview', 'logs'] }],
  ['operator', { watch: ['overview', 'logs'], automate: ['rules'] }],
  ['admin', { watch: ['overview', 'logs'], automate: ['rules'], administer: ['users'] }],
  [undefined, {}],
])('%s is offered %o', (role, offered) => {
  const sections = navigationFor(role, VIEWS).map(({ group, views }) => [group, views.map(({ name }) => name)])
  expect(Object.fromEntries(sections)).toEqual(offered)
})

it('a role that nobody knows may nothing', () => expect(mayAs('controller', 'viewer')).toBe(false))
