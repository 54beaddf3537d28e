import { effectScope, nextTick, shallowRef } from 'vue'
import { describe, expect, it } from 'vitest'
import type { View } from '@/view'
import { titleOf, useItemTitle } from './title'

const view: View = { name: 'event', path: '/events/:public_id', title: 'Event', component: {} }

describe('the title of the window', () => {
  it('is that of the view where it shows no single item', () => {
    expect(titleOf(view)).toBe('Event – WebMACS')
  })

  it('begins with the name of the item, as soon and as long as that is known and shown', async () => {
    const name = shallowRef<string>()
    const page = effectScope()
    page.run(() => useItemTitle(() => name.value))
    expect(titleOf(view)).toBe('Event – WebMACS')

    name.value = 'Bed temperature'
    await nextTick()
    expect(titleOf(view)).toBe('Bed temperature – Event – WebMACS')

    page.stop()
    expect(titleOf(view)).toBe('Event – WebMACS')
  })
})
