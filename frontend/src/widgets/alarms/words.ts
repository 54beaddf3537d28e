export const words = {
  name: 'Alarms',
  text: 'Open alarms, the most urgent first: all, or those of some events.',
  title: 'Alarms',
  most: 'How many at most',
}
