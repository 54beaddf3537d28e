export const range = {
  steps: 'Move along',
  earlier: 'One range back',
  later: 'One range forward',
  wider: 'Twice as long',
  now: 'Now',
  ranges: 'Time range',
  yesterday: 'Yesterday',
  own: 'From–to',
  from: 'From',
  to: 'To',
  show: 'Show',
  upsideDown: 'The end must be after the begin.',
}
