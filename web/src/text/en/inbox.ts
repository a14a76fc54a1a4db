/** The list of conversations. */
import { count } from './count';

export const inbox = {
  list: 'Conversations',
  unread: (n: number) => count(n, '# unread message', '# unread messages'),
  you: 'You',
  attachment: 'Attachment',
  place: 'Location',
  card: 'Contact card',
  removed: 'Message removed',
  draft: 'Draft',
  noMessage: 'No message yet',
  typing: 'typing…',
  unnamed: 'Unknown contact',
  priority: (name: string) => `Priority: ${name}`,
  assignedTo: (name: string) => `Assigned to ${name}`,
  mentioned: 'You are mentioned',
  snoozedUntil: (moment: string) => `Snoozed until ${moment}`,
  waiting: 'Waiting for',
  waitingSince: (moment: string) => `Waiting for an answer since ${moment}`,
  planned: 'Something is scheduled',
  plannedFailed: 'A scheduled message could not be sent',
};
