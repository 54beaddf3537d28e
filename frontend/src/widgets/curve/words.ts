export const words = {
  name: 'Curve',
  text: 'The past and what comes live of up to 8 events, in one chart.',
  span: 'Shows the last',
  label: (names: string) => `Curves of ${names}`,
  explore: 'Explore',
  live: 'Back to live',
}
