/** How long what is kept, keys, and the audit log. */
export const terms = {
  lead: 'Nothing about people should stay longer than it is needed.',
  notYet: 'Terms cannot be set in this version',
  notYetHint: 'From a coming version you set here how long conversations, files and contacts stay, and Parloir deletes them by itself. Until then it deletes nothing by age: what is to go, a member has to erase.',
  already: 'What holds already',
  holds: {
    erase: 'Erasing a contact erases everything about them: messages, files, notes, the search index. The keys that sealed it are destroyed: what an old copy of the data still holds cannot be read.',
    channel: 'Disconnecting a channel destroys its secrets at once.',
    ways: 'Invitations end after seven days. Sessions of visitors end after thirty.',
    seen: 'What is stored of a contact, where, and why stands beside each conversation.',
  },
};

export const keyRotation = {
  lead: 'Everything is sealed with keys. They can give way to new ones while all goes on; the old ones are then destroyed.',
  what: 'Keys',
  which: {
    content: ['Content', 'Messages, files, names: what people wrote and are called'],
    index: ['Search index', 'What search finds its way by'],
    evidence: ['Evidence', 'Proofs of consents and of erasures'],
    audit: ['Audit log', 'What seals the log'],
    workspace: ['Workspace', 'The key that all other keys are sealed under'],
    contact: ['A contact', 'The keys of one person'],
  } as Record<string, [string, string]>,
  rotate: 'Rotate…',
  rotateOf: (name: string) => `Rotate the keys: ${name}`,
  last: (when: string) => `Rotated ${when}`,
  states: { sealing: 'Sealing anew', checking: 'Checking', destroying: 'Destroying the old keys', done: 'Done' } as Record<string, string>,
  history: 'Rotations',
  none: 'Nothing was rotated yet',
  noneHint: 'There is no need to by the calendar. Do it when somebody who had access to the server leaves, or when you suspect anything.',
  started: (date: string, cells: string) => `Begun on ${date}; ${cells} sealed anew`,
  orderTitle: (name: string) => `Rotate the keys: ${name}?`,
  orderHint: 'New keys seal from now on, what is there is sealed anew in the background, and then the old keys are destroyed. Everything stays readable all the while.',
  begun: 'The rotation has begun.',
  rootHint: 'The root key, which this server was started with, is rotated on the command line: parloir keys rotate.',
};

export const audit = {
  lead: 'Every access to personal data and every change, newest first. Only ids are kept, never what was read or written. Reading this is an entry, too.',
  who: 'Who',
  act: 'What',
  subject: 'On what',
  when: 'When',
  anybody: 'Anybody',
  anything: 'Anything',
  subjectHint: 'Id of a contact, conversation, channel…',
  search: 'Search',
  none: 'Nothing fits',
  noneHint: 'Nobody did such a thing, or the id is written otherwise.',
  older: 'Show older entries',
  actors: { member: 'A member', channel: 'A channel', platform: 'Parloir itself', operator: 'The operator', visitor: 'A visitor' } as Record<string, string>,
  purposes: {
    conversation: 'to talk with contacts', receiving: 'to receive messages', delivery: 'to deliver messages', indexing: 'to keep the search index', erasure: 'to erase', administration: 'to administer',
    audit: 'to audit',
  } as Record<string, string>,
  did: (thing: string, deed: string) => `${thing}: ${deed}`,
  things: {
    attachment: 'File', audit: 'Audit log', business_hours: 'Business hours', canned_reply: 'Canned reply', channel: 'Channel', consent: 'Consent', consents: 'Consents', contact: 'Contact',
    contacts: 'Contacts', conversation: 'Conversation', conversations: 'Conversations', draft: 'Draft', drafts: 'Drafts', keys: 'Keys', label: 'Label', member: 'Member', merges: 'Merges',
    message: 'Message', messages: 'Messages', scheduled: 'Scheduled message', session: 'Session', stream: 'Live stream', team: 'Team', template: 'Template', templates: 'Templates', token: 'Token', view: 'View',
    workspace: 'Workspace',
  } as Record<string, string>,
  deeds: {
    read: 'read', uploaded: 'uploaded', set: 'set', created: 'made', deleted: 'deleted', updated: 'changed', changed: 'changed', connected: 'connected', disconnected: 'disconnected',
    secret_rotated: 'secret renewed', given: 'given', withdrawn: 'withdrawn', erased: 'erased', merged: 'merged', split: 'split off', listed: 'listed', opened: 'opened', woken: 'woken',
    kept: 'kept', removed: 'removed', rotated: 'rotated', rotation_began: 'rotation begun', invited: 'invited', joined: 'joined', password_set: 'password set', edited: 'edited',
    retried: 'tried again', scheduled: 'scheduled', written: 'written', searched: 'searched', taken_back: 'taken back', closed: 'closed', revoked: 'revoked', revoked_all: 'all revoked',
    synced: 'read from the provider', profile_changed: 'profile changed', renamed: 'renamed',
  } as Record<string, string>,
};
