import type { Webhook } from '@/api/webhooks'
import { zone } from '@/format/moment'
import type { Listed } from '@/shared/list/use-list'
import { words } from '@/words'

const told = words.webhooks

export const WEBHOOKS: Listed<'webhooks'> = {
  view: 'webhooks',
  key: 'id',
  sort: { column: 'name', descending: false },
  columns: [
    { name: 'name', label: told.name, filter: 'text', sortable: true },
    { name: 'url', label: told.url, filter: 'text', wide: true },
    { name: 'types', label: told.types },
    { name: 'enabled', label: told.state, filter: told.enabledChoices },
  ],
}

const states = Object.entries(told.delivery.states).map(([value, label]) => ({ value, label }))

/** By number, which is given in the order of happening. What was sent and answered is read when one is looked at. */
export const deliveriesOf = (webhooks: readonly Webhook[]): Listed<'webhook_deliveries'> => ({
  view: 'webhook_deliveries',
  key: 'id',
  sort: { column: 'id', descending: true },
  select: 'id,webhook_id,type,state,attempts,created_at,next_attempt_at,response_status,error',
  columns: [
    { name: 'id', label: told.delivery.at(zone()), sortable: true },
    { name: 'webhook_id', label: told.delivery.webhook, filter: webhooks.map(({ id, name }) => ({ value: String(id), label: name })) },
    { name: 'type', label: told.delivery.type, filter: 'text' },
    { name: 'state', label: told.delivery.state, filter: states },
    { name: 'attempts', label: told.delivery.attempts },
    { name: 'response_status', label: told.delivery.answer, wide: 'line' },
  ],
})
