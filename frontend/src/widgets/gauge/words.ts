export const words = {
  name: 'Gauge',
  text: 'One value as a bar against its range and limits.',
  min: 'Begin of the bar',
  max: 'End of the bar',
  low: 'Normal from',
  lowHelp: 'Below it the value is marked as low.',
  high: 'Normal up to',
  highHelp: 'Above it the value is marked as high.',
  below: (limit: string) => `below ${limit}`,
  above: (limit: string) => `above ${limit}`,
  meter: (name: string) => `${name} within its range`,
}
