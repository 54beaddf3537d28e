export const shell = {
  menu: 'Menu',
  navigation: 'Views',
  groups: { watch: 'Watch', analyse: 'Analyse', automate: 'Automate', administer: 'Administer' },
  signedInAs: (name: string, role: string) => `${name}, ${role}`,
  search: 'Search',
  loading: 'Loading…',
  refusedTitle: 'This is not yours to open',
  refused: (role: string) => `It is for the role ${role} or above. Ask an administrator if you need it.`,
  refusedForAdmin: 'It is for administrators. Ask one of them if you need it.',
  toOverview: 'Go to the overview',
}
