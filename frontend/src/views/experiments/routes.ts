import { searched, type View } from '@/view'
import { words } from '@/words'

export default [
  {
    name: 'experiments',
    path: '/experiments',
    title: words.experiments.title,
    component: () => import('./ExperimentsView.vue'),
    group: 'analyse',
    place: 20,
    search: searched({
      view: 'experiments',
      kind: words.experiments.one,
      columns: ['name', 'kind'],
      to: (experiment) => ({ name: 'experiment', params: { public_id: experiment.public_id ?? '' } }),
    }),
  },
  { name: 'experiment', path: '/experiments/:public_id', title: words.experiments.one, component: () => import('./ExperimentView.vue') },
] satisfies View[]
