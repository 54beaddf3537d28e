import { expect, it } from 'vitest'
import { fileName } from './export'

it.each([
  [`attachment; filename="webmacs_K_hler.csv"; filename*=UTF-8''webmacs_K%C3%BChler.csv`, 'webmacs_Kühler.csv'],
  [`attachment; filename="a.csv"; filename*=UTF-8''a.csv; x=1`, 'a.csv'],
  ['attachment', 'webmacs'],
  [null, 'webmacs'],
])('%s names the file %s', (header, name) => expect(fileName(header)).toBe(name))
