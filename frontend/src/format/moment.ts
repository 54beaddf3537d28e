import { zoneName } from './time'

const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })

/** A time of the database as people here write it, to the second, in their own time zone. */
export const moment = (iso: string) => full.format(new Date(iso))

/** What that time zone is called now, to stand beside such times. */
export const zone = () => zoneName(Date.now() / 1000)
