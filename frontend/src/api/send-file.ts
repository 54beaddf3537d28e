import { useSession } from '@/accounts/session'
import { problemOf, unreachable } from './problem'

type Headers = Record<string, string>

/** Posts a file, or a part of one, and says what share of it has left: fetch tells no progress. */
export async function sendFile<Answer>(
  path: string,
  body: Blob,
  headers: Headers,
  onProgress: (share: number) => void,
  signal?: AbortSignal,
): Promise<Answer> {
  const token = await useSession().currentToken()
  return new Promise<Answer>((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    const all: Headers = { ...headers, Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' }
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
    request.onerror = request.onabort = () => reject(unreachable())
    request.onload = () =>
      request.status < 300 ? resolve(request.response as Answer) : reject(problemOf(request.status, request.response))
    signal?.addEventListener('abort', () => request.abort())
    request.send(body)
  })
}
