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
  /** The platform's own refusals. What a channel refuses comes with words of its own. */
  failures: {
    outcome_unknown:
      'The connection was lost before the channel answered, and it cannot be asked. Look there first: sent again, it may arrive twice.',
    opted_out: 'The contact does not want messages on this channel, and only they can change that. A note is still possible.',
    window_closed: 'The channel’s window for free messages has closed. Wait until they write again.',
    no_consent: 'The contact has not agreed to this kind of message on this channel. Ask for their consent first.',
    restricted: 'The contact asked that their data is not processed. Only a member’s own reply may be sent.',
    channel_off: 'The channel is disconnected. Connect it again under Channels, or answer on another.',
    expired: 'It could not be sent within seven days. Send it again if it is still of use.',
    unsupported: 'This channel cannot send that. Write it as plain text, or send a link.',
    not_supported: 'This channel cannot do that.',
  } as Record<string, string>,
};
