/** Keys, where they are listed. */
export const keys = {
  title: 'Keyboard',
  next: 'Next conversation',
  previous: 'Previous conversation',
  open: 'Write in the open conversation',
  reply: 'Reply',
  note: 'Write a note',
  escape: 'Close what is open',
  details: 'Contact details',
  singles: 'Keys without Ctrl or ⌘',
  singlesHint: 'Single letters act at once. Turn them off if you dictate, or if they get in the way.',
  extend: 'Choose with the next or previous',
  pick: 'Choose the conversation',
  writing: 'While writing',
  newLine: 'New line',
  mention: 'Mention a member, in a note',
  leave: 'Leave the field',
};
