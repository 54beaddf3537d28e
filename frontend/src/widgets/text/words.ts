export const words = {
  name: 'Text',
  text: 'A heading or a note, such as what to do when something happens.',
  field: 'Text',
  large: 'As a heading, in large letters',
  begin: 'Write here what others should know.',
}
