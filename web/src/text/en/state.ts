import { failures } from './failures';

/** How far a message has come, and why one did not go. */
export const state = {
  sending: 'Sending',
  waiting: 'Waiting for the connection',
  received: 'Received',
  queued: 'Queued',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not delivered',
  unknown: 'Unclear whether it arrived',
  sendAgain: 'Send again',
  sendAgainAnyway: 'Send again anyway',
  writeAnew: 'Write it differently',
  retry: 'Retry',
  edit: 'Edit',
  discard: 'Discard',
  failures,
};
