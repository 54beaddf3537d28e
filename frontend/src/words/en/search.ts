export const search = {
  title: 'Search',
  label: 'Search views and whatever has a name',
  hint: 'Type a name. Arrow keys choose, Enter opens.',
  cut: (most: number, kinds: string[]) => `Only the first ${most} are shown of each: ${kinds.join(', ')}. Type more of the name.`,
  nothing: (text: string) => `Nothing is called “${text}”.`,
  results: 'Results',
  view: 'View',
}
