import { expect, it } from 'vitest'
import { gathered } from './gathered'

const moment = (t: number, priority = 3) => ({ id: t, t, message: null, alarm: { public_id: '', name: '', severity: 'low', priority } })

it('marks what the window shows', () => {
  const marks = gathered([moment(5), moment(10), moment(20), moment(25)], [10, 20], 10)
  expect(marks.map(({ at }) => at)).toEqual([0, 1])
})

it('has one mark for what would overlap, that of the most urgent', () => {
  const [mark, ...others] = gathered([moment(10.1), moment(10.2, 1), moment(10.3, 2)], [10, 20], 10)
  expect(others).toEqual([])
  expect(mark).toMatchObject({ count: 3, first: { t: 10.2 } })
})

it('is nothing for nothing', () => expect(gathered([], [0, 1], 10)).toEqual([]))
