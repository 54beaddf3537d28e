export const words = {
  name: 'Button',
  text: 'Commands one value: starts a sequence, opens a valve, acknowledges a device.',
  label: 'On the button',
  value: 'Value',
  ask: 'Ask before anything moves',
  usual: (value: string) => `Set to ${value}`,
  start: 'Start',
}
