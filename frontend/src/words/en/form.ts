export const form = {
  cancel: 'Cancel',
  close: 'Close',
  busy: 'Saving…',
  working: 'Working…',
  optional: 'optional',
  show: 'Show',
  hide: 'Hide',
  copy: 'Copy',
  copied: 'Copied',
}
