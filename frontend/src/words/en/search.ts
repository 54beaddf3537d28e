import { plural } from './plural'

export const search = {
  title: 'Search',
  label: 'Search views and whatever has a name',
  hint: 'Type a name. Arrow keys choose, Enter opens.',
  nothing: (text: string) => `Nothing is called “${text}”.`,
  found: (n: number) => plural(n, 'result', 'results'),
  results: 'Results',
  view: 'View',
}
