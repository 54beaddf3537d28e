import { createHash } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { digestOf, nameFor, type UploadProgress } from './bundle-upload'

it('takes the digest of a file piece by piece', async () => {
  const bytes = new Uint8Array((1 << 22) + 7).map((_, i) => i % 251)
  const say = vi.fn<(progress: UploadProgress) => void>()
  const file = Object.assign(new Blob([bytes]), { name: 'x' })
  const digest = await digestOf({ file, say, signal: new AbortController().signal })
  expect(digest).toBe(createHash('sha256').update(bytes).digest('hex'))
  expect(say).toHaveBeenCalledTimes(2)
})

it('stops when nobody wants it any more', async () => {
  const file = Object.assign(new Blob(['x']), { name: 'x' })
  await expect(digestOf({ file, say: () => undefined, signal: AbortSignal.abort() })).rejects.toThrow()
})

it('gives a name that a header takes', () => {
  expect(nameFor('Größe 1 (2).update')).toBe('Gr__e_1__2_.update')
  expect(nameFor('x'.repeat(300))).toHaveLength(200)
})
