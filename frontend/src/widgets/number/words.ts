export const words = {
  name: 'Number',
  text: 'One value in large digits, with its trend.',
  spark: 'Curve of the last minutes',
  range: 'Bar with its range',
  rising: (rate: string) => `rising by ${rate} a minute`,
  falling: (rate: string) => `falling by ${rate} a minute`,
  steady: 'steady',
  perMinute: (rate: string) => `${rate}/min`,
}
