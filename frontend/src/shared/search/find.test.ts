import { expect, it } from 'vitest'
import type { View } from '@/view'
import { findViews } from './find'

const component = () => Promise.resolve({})
const ALL: View[] = [
  { name: 'account', path: '/account', title: 'Your account', component },
  { name: 'tokens', path: '/users/tokens', title: 'Tokens', component, within: 'users' },
  { name: 'users', path: '/users', title: 'Users', component, role: 'admin', group: 'administer', place: 20 },
  { name: 'overview', path: '/', title: 'Overview', component, group: 'watch', place: 10 },
  { name: 'event', path: '/events/:id', title: 'Event', component },
  { name: 'sign-in', path: '/sign-in', title: 'Sign in', component, role: 'open' },
]
const titles = (text: string, role: string) => findViews(text, role, ALL).map(({ text: title }) => title)

it('has views in the order of the navigation, parts behind their whole', () =>
  expect(titles('', 'admin')).toEqual(['Overview', 'Users', 'Tokens', 'Your account']))

it('offers nothing that the role may not open', () => expect(titles('u', 'viewer')).toEqual(['Your account']))

it('says of what a view is a part', () => expect(findViews('tok', 'admin', ALL)[0]!.beside).toBe('Users'))
