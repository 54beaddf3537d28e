import { describe, expect, it } from 'vitest'
import { useDraft } from './use-draft'

const text = { type: 'text', options: { text: 'hello' } }
const size = { w: 6, h: 2 }
const widget = (id: string, x = 0) => ({ ...text, id, x, y: 0, ...size })

function edited() {
  const draft = useDraft()
  draft.show([widget('w1')])
  draft.editing.value = true
  return draft
}

describe('a dashboard while it is edited', () => {
  it('is changed by what is done, and not by what is undone', () => {
    const draft = edited()
    expect([draft.changed.value, draft.undoable.value]).toEqual([false, false])
    draft.add(text, size)
    expect(draft.widgets.value.map(({ id, x }) => [id, x])).toEqual([['w1', 0], ['w2', 6]])
    draft.remove('w1')
    expect(draft.changed.value).toBe(true)
    draft.undo()
    draft.undo()
    expect([draft.changed.value, draft.undoable.value]).toEqual([false, false])
  })

  it('is not changed by a move to where it is', () => {
    const draft = edited()
    draft.place(new Map([['w1', { x: 0, y: 0, w: 6, h: 2 }]]))
    expect([draft.changed.value, draft.undoable.value]).toEqual([false, false])
    draft.place(new Map([['w1', { x: 3, y: 0, w: 6, h: 2 }]]))
    expect(draft.widgets.value).toEqual([widget('w1', 3)])
  })

  it('takes back at once what followed from one step', () => {
    const draft = edited()
    draft.update('w1', { x: 6 })
    draft.settle(new Map([['w1', { x: 8, y: 0, w: 6, h: 2 }]]))
    draft.undo()
    expect(draft.widgets.value).toEqual([widget('w1')])
  })

  it('is not changed by widgets that move up where nothing is', () => {
    const draft = edited()
    draft.settle(new Map([['w1', { x: 0, y: 2, w: 6, h: 2 }]]))
    expect([draft.changed.value, draft.undoable.value]).toEqual([false, false])
  })

  it('begins anew from what was saved', () => {
    const draft = edited()
    draft.add(text, size)
    draft.show(draft.widgets.value)
    expect([draft.changed.value, draft.undoable.value, draft.widgets.value.length]).toEqual([false, false, 2])
  })
})
