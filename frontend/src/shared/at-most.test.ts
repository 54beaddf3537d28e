import { expect, it } from 'vitest'
import { atMost } from './at-most'

const tick = () => new Promise((resolve) => setTimeout(resolve))

it('keeps to so many at once, and to the order', async () => {
  let [running, most] = [0, 0]
  const doubled = await atMost(2, [3, 1, 2, 5], async (n) => {
    most = Math.max(most, ++running)
    for (let i = 0; i < n; i += 1) await tick()
    running -= 1
    return 2 * n
  })
  expect(doubled).toEqual([6, 2, 4, 10])
  expect(most).toBe(2)
})

it('passes a failure on', () => expect(atMost(2, [1], () => Promise.reject(new Error('no')))).rejects.toThrow('no'))
it('has nothing to do for nothing', () => expect(atMost(2, [], tick)).resolves.toEqual([]))
