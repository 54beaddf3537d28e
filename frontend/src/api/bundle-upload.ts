import { sha256 } from '@noble/hashes/sha2.js'
import { fetchAsPerson } from './fetch-as-person'
import { fetchJson } from './fetch-json'
import { Problem } from './problem'
import { sendFile } from './send-file'
import { findBundle, type Bundle } from './updates'

const PIECE = 1 << 22
const MOST_TRIES = 8
const LONGEST_WAIT_SECONDS = 30

/** How far it is. `waits`: the connection broke off; it goes on by itself. */
export type UploadProgress =
  | { step: 'reading' | 'sending'; share: number }
  | { step: 'checking' }
  | { step: 'waits'; seconds: number; share: number }

export interface Upload {
  file: Blob & { name: string }
  say: (progress: UploadProgress) => void
  signal: AbortSignal
}

/** SHA-256 of a file of any size. The browser's own takes it in one piece, and only where the page came by TLS. */
export async function digestOf({ file, say, signal }: Upload): Promise<string> {
  const hash = sha256.create()
  for (let begin = 0; begin < file.size; begin += PIECE) {
    signal.throwIfAborted()
    say({ step: 'reading', share: begin / file.size })
    hash.update(new Uint8Array(await file.slice(begin, begin + PIECE).arrayBuffer()))
  }
  return Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A name that the server's header takes; what it is called says nothing of what it is. */
export const nameFor = (name: string) => name.replace(/[^A-Za-z0-9._+-]/g, '_').slice(-200)

/** What passes by itself: no connection, somebody else's place, another idea of how much has arrived. */
const MAY_PASS = new Set([0, 408, 429, 502, 503, 504])
const mayPass = (error: unknown) =>
  error instanceof Problem && (MAY_PASS.has(error.status) || error.code === 'wrong_offset' || error.code === 'busy')

const received = async (digest: string) =>
  (await fetchJson<{ received: number }>(`/ota/uploads/${digest}`, {}, fetchAsPerson)).received

/** Sends what is missing, a piece at a time; an upload that was cut, here or by a reload, goes on where it was. */
async function sendRest({ file, say, signal }: Upload, digest: string, onPiece: () => void): Promise<Bundle> {
  const there = await received(digest)
  let begin = there < file.size ? there : 0
  for (;;) {
    signal.throwIfAborted()
    const end = Math.min(begin + PIECE, file.size)
    const headers = { 'File-Name': nameFor(file.name), 'Content-Range': `bytes ${begin}-${end - 1}/${file.size}` }
    const tell = (share: number) => {
      const sent = begin + share * (end - begin)
      say(sent < file.size ? { step: 'sending', share: sent / file.size } : { step: 'checking' })
    }
    tell(0)
    const answer = await sendFile<Bundle | { received: number }>(`/ota/bundles/${digest}`, file.slice(begin, end), headers, tell, signal)
    if ('id' in answer) return answer
    begin = answer.received
    onPiece()
  }
}

async function wait(seconds: number, { say, signal }: Upload, share: number) {
  for (let left = seconds; left > 0; left -= 1) {
    signal.throwIfAborted()
    say({ step: 'waits', seconds: left, share })
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}

/** The bundle, when all of it has arrived and was verified. */
export async function uploadBundle(upload: Upload): Promise<Bundle> {
  const digest = await digestOf(upload)
  const stored = await findBundle({ sha256: digest })
  if (stored !== null) return stored
  let tries = 0
  let share = 0
  const say = (progress: UploadProgress) => {
    if ('share' in progress) share = progress.share
    upload.say(progress)
  }
  for (;;) {
    try {
      return await sendRest({ ...upload, say }, digest, () => (tries = 0))
    } catch (error) {
      if (!mayPass(error) || upload.signal.aborted || ++tries > MOST_TRIES) throw error
    }
    await wait(Math.min(2 ** (tries - 1), LONGEST_WAIT_SECONDS), upload, share)
  }
}
