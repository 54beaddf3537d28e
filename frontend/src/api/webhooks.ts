import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type Webhook = Known<RowOf<'webhooks'>, 'name' | 'url' | 'types' | 'content_type' | 'reading_interval_seconds' | 'enabled'>
export type WebhookChange = Database['api']['Views']['webhooks']['Update']
export type Delivery = Known<RowOf<'webhook_deliveries'>, 'webhook_id' | 'type' | 'body' | 'state' | 'attempts' | 'created_at'>

/** So that the secret that it was made with, which nobody has seen, counts no more. */
const AT_ONCE = 0

export async function listWebhooks(): Promise<Webhook[]> {
  return rowsOf<Webhook[]>(await (await rest()).from('webhooks').select('*').order('name'))
}

export async function addWebhook(values: WebhookChange): Promise<number> {
  return rowsOf<{ id: number }[]>(await (await rest()).from('webhooks').insert(values).select('id'))[0]!.id
}

export async function changeWebhook(id: number, values: WebhookChange) {
  rowsOf(await (await rest()).from('webhooks').update(values).eq('id', id))
}

export async function deleteWebhook(id: number) {
  rowsOf(await (await rest()).from('webhooks').delete().eq('id', id))
}

/** A new secret, said this once; for so many seconds calls are signed with the one before, too. */
export async function rotateSecret(id: number, keepSeconds: number = AT_ONCE): Promise<string> {
  const asked = { webhook_id: id, keep_previous_seconds: keepSeconds }
  return rowsOf<string>(await (await rest()).rpc('rotate_webhook_secret', asked as never))
}

/** The number of the delivery, of which the answer is read. */
export async function testWebhook(id: number): Promise<number> {
  return rowsOf<number>(await (await rest()).rpc('test_webhook', { webhook_id: id } as never))
}

export async function findDelivery(id: number): Promise<Delivery | null> {
  return rowsOf<Delivery[]>(await (await rest()).from('webhook_deliveries').select('*').eq('id', id))[0] ?? null
}

export async function redeliver(id: number) {
  rowsOf(await (await rest()).rpc('redeliver', { delivery_id: id } as never))
}
