export const words = {
  name: 'Table',
  text: 'The newest values of several events, below each other.',
  title: 'Newest values',
  event: 'Event',
  value: 'Value',
  range: 'Range',
  age: 'Age',
}
