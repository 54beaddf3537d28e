const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

/** A time of the database, as people here write it. */
export const moment = (iso: string) => format.format(new Date(iso))
