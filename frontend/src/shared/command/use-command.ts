import { computed, shallowRef } from 'vue'
import { mayAs } from '@/accounts/role'
import { useSession } from '@/accounts/session'
import { readCommand, setValue, type Command } from '@/api/commands'
import type { Event } from '@/api/events'
import { useStream } from '@/live/stream'
import { randomUuid } from '@/shared/random-id'
import { further, isUnderWay } from './life'

/** Of these types are events that can be commanded. */
export const SETTABLE = ['actuator', 'range', 'cmd_button', 'cmd_opened', 'cmd_closed'] as const

/** Commands an event, and tells what becomes of it: of what is commanded here and by others, for as long as this lives. */
export function useCommand(event: Pick<Event, 'id' | 'public_id'>) {
  const session = useSession()
  const command = shallowRef<Command | null>(null)
  const may = computed(() => mayAs(session.me?.role, 'operator'))
  const underWay = computed(() => command.value !== null && isUnderWay(command.value))

  const take = (told: Command) => (command.value = further(command.value, told))

  /** What was missed while the stream was away. */
  async function readAgain() {
    if (!underWay.value) return
    const now = await readCommand(command.value!.public_id).catch(() => null)
    if (now !== null) take(now)
  }

  useStream().watchLive({
    topics: ['command'],
    onRows: (_topic, rows) => {
      for (const row of rows as unknown as Command[]) if (row.event_id === event.id) take(row)
    },
    onReload: readAgain,
  })

  /** Throws a Problem where the server refuses it. */
  async function send(value: number) {
    take(await setValue({ eventId: event.id, value, publicId: randomUuid() }))
  }

  return { may, command, underWay, send }
}
