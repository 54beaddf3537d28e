export const words = {
  name: 'Switch',
  text: 'Switches an actuator on and off, and shows what it is.',
  on: 'On',
  off: 'Off',
  onText: 'Called when on',
  offText: 'Called when off',
  onValue: 'Value for on',
  offValue: 'Value for off',
  ask: 'Ask before anything moves',
  between: 'in between',
  group: (name: string) => `Switch ${name}`,
}
