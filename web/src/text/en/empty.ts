/** Places with nothing in them. */
export const empty = {
  open: ['Everything is answered', 'New conversations appear here by themselves.'],
  mine: ['Nothing is waiting for you', 'Conversations assigned to you appear here.'],
  unassigned: ['Nothing is unassigned', 'A conversation that nobody has taken appears here.'],
  all: ['No conversation yet', 'The first message on any channel starts one.'],
  resolved: ['Nothing resolved yet', 'Press e in a conversation to resolve it.'],
  none: 'No conversation yet',
  demo: 'Play a contact: open the simulated phone, write something, and watch it arrive here.',
  demoLink: 'Open the phone',
  noChannel: 'Connect a first channel; whoever writes to it appears here.',
  noChannelLink: 'Connect a channel',
  waiting: 'Your channels are connected. The first message starts a conversation.',
  thread: 'No conversation open',
  threadHint: 'Choose one from the list, or move with the keyboard.',
  noMessages: 'Nothing has been said here yet.',
  mentions: ['Nobody has mentioned you', 'A note with @ and your name appears here.'],
  snoozed: ['Nothing is snoozed', 'Press s in a conversation to see it again later.'],
};
