/** Messages to be sent later. */
import { count } from './count';

export const planned = {
  title: 'Scheduled message',
  at: (moment: string) => `Will be sent ${moment}`,
  set: (moment: string) => `Scheduled for ${moment}`,
  moved: (moment: string) => `Moved to ${moment}`,
  soon: (n: number) => count(n, 'Sending in # s', 'Sending in # s'),
  failed: 'Could not be sent.',
  gone: 'It has been sent already.',
  edit: 'Edit',
  move: 'Another time',
  now: 'Send now',
  remove: 'Do not send',
};
