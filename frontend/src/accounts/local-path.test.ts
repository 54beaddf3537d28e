import { expect, it } from 'vitest'
import { localPath } from './local-path'

it('keeps a path of this page, with all that follows', () => {
  expect(localPath('/events/a?range=900#top')).toBe('/events/a?range=900#top')
})

it.each(['//evil.example', '/\\evil.example', '/\t/evil.example', 'https://evil.example', 'javascript:alert(1)', '', null, undefined, ['/a']])(
  'leads to the overview instead of %s',
  (next) => expect(localPath(next)).toBe('/'),
)
