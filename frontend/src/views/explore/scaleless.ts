import { formatLimit } from '@/format/number'

/** A figure that has not the range of its event: to four digits that count. */
export const scaleless = (value: number) => formatLimit(Number(value.toPrecision(4)))
