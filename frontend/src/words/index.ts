import { en } from './en'

/** All words that people read. A second language is a second file of the same shape. */
export const words = en
