export const range = {
  ranges: 'Time range',
  own: 'From–to',
  from: 'From',
  to: 'To',
  show: 'Show',
  upsideDown: 'The end must be after the begin.',
}
