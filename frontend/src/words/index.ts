/** All words that people read. A second language is a second file of the same shape. */
export { en as words } from './en'
