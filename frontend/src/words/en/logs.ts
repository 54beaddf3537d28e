import { plural } from './plural'

export const logs = {
  title: 'Log',
  at: (zone: string) => `When, ${zone}`,
  level: 'Level',
  levels: { info: 'info', warning: 'warning', error: 'error' } as Record<string, string>,
  levelLetters: { warning: '!', error: 'E' } as Record<string, string>,
  source: 'Source',
  message: 'Message',
  read: 'Read',
  readChoices: { unread: 'unread', read: 'read' },
  unread: (n: number) => (n === 0 ? 'nothing unread' : plural(n, 'unread entry', 'unread entries')),
  manyUnread: (most: number) => `${most}+`,
  markRead: 'Mark read',
  markAll: 'Mark all read',
  emptyTitle: 'Nothing is written down yet',
  empty: 'Entries appear here by themselves: a rule that logs, a controller that comes or goes, a value that cannot be kept.',
}
