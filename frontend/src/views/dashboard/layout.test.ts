import { describe, expect, it } from 'vitest'
import { freeId, freePlace, inOrder } from './layout'

const widget = (id: string, x: number, y: number, w = 6, h = 4) => ({ id, type: 'text', x, y, w, h, options: {} })

describe('places on the grid', () => {
  it('are read line by line', () => {
    expect(inOrder([widget('c', 0, 4), widget('b', 6, 0), widget('a', 0, 0)]).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })

  it('are found at the top left of an empty one', () => {
    expect(freePlace([], { w: 12, h: 8 })).toEqual({ x: 0, y: 0, w: 12, h: 8 })
  })

  it('are found beside others where there is room, else below', () => {
    const taken = [widget('a', 0, 0), widget('b', 12, 0)]
    expect(freePlace(taken, { w: 6, h: 4 })).toEqual({ x: 6, y: 0, w: 6, h: 4 })
    expect(freePlace(taken, { w: 7, h: 4 })).toEqual({ x: 0, y: 4, w: 7, h: 4 })
  })

  it('are not found where only the beginning is free', () => {
    expect(freePlace([widget('a', 0, 2, 24, 2)], { w: 4, h: 3 })).toEqual({ x: 0, y: 4, w: 4, h: 3 })
  })

  it('have ids that nobody has', () => {
    expect(freeId([widget('w1', 0, 0), widget('w3', 6, 0)])).toBe('w4')
    expect(freeId([widget('w2', 0, 0)])).toBe('w3')
  })
})
