/** Notices of the browser while the app is closed. */
export const push = {
  title: 'Notifications',
  lead: 'When something concerns you while Parloir is closed, this browser can tell you. The notice says that something is there, never who or what.',
  turnOn: 'Turn on in this browser',
  turnOff: 'Turn off',
  turnedOn: 'Notifications are on.',
  turnedOff: 'Notifications are off.',
  failed: 'The browser’s push service did not answer. Try again later.',
  somethingNew: 'Something new for you',
  open: 'Open Parloir to see it.',
  states: {
    unsupported: 'This browser cannot show notifications. On an iPhone or iPad, add Parloir to the home screen first.',
    insecure: 'Browsers allow notifications only over https.',
    absent: 'This server does not send notifications.',
    denied: 'This browser blocks notifications from Parloir. Allow them in the browser’s settings for this site, then come back.',
    off: 'Off in this browser.',
    on: 'On in this browser.',
  },
  unassigned: 'Also what nobody has taken',
  unassignedHint: 'Otherwise you are told of your own conversations, of notes that name you and, if you look after channels, of one that stops.',
};
