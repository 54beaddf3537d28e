export const words = {
  name: 'Slider',
  text: 'Sets an actuator or a set point to any value of its range.',
  min: 'Lowest',
  max: 'Highest',
  step: 'In steps of',
  ask: 'Ask before anything moves',
  set: 'Set',
  reset: 'As it is',
  value: (name: string) => `New value of ${name}`,
}
