import { expect, it } from 'vitest'
import { formatBytes } from './bytes'

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [12_345, '12.3 kB'],
  [5_400_000, '5.40 MB'],
  [123_456_789_012, '123 GB'],
  [4e12, '4.00 TB'],
])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
