import { expect, it } from 'vitest'
import { looksLike } from './near'

it.each([
  ['/experiment/5', 'Experiments', true],
  ['/settings/tokens', 'Tokens and sessions', true],
  ['/health', 'Storage and health', true],
  ['/log', 'Log', false],
  ['/and/%3Cimg', 'Tokens and sessions', false],
  ['/', 'Overview', false],
])('%s for %s: %s', (path, title, is) => expect(looksLike(path, title)).toBe(is))
