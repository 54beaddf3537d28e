import { expect, it } from 'vitest'
import { marks } from './scale'

it.each([
  [0, 100, 5, [0, 20, 40, 60, 80, 100]],
  [0, 2, 4, [0, 0.5, 1, 1.5, 2]],
  [-0.3, 0.3, 3, [-0.2, 0, 0.2]],
  [0, 150, 5, [0, 50, 100, 150]],
  [5, 5, 5, []],
])('from %f to %f', (min, max, about, expected) => expect(marks(min, max, about)).toEqual(expected))
