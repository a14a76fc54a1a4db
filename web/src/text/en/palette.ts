/** The palette of commands. */
import { count } from './count';

export const palette = {
  title: 'Commands',
  placeholder: 'What do you want to do?',
  choose: 'Choose one…',
  found: (n: number) => count(n, '# command', '# commands'),
  now: 'current',
  groups: {
    conversation: 'Conversation',
    message: 'Message',
    contact: 'Contact',
    list: 'List',
    go: 'Go to',
    settings: 'Settings',
    app: 'App',
  },
  goTo: (name: string) => `Go to ${name}`,
  theme: 'Theme',
  themeWords: 'dark mode, light mode, appearance',
  language: 'Language',
  narrow: 'Narrow sidebar',
  widen: 'Widen sidebar',
  clearFilter: 'Clear the filter',
  actWords: { merge: 'same person, duplicate, join', export: 'export, download, access request', erase: 'delete, forget, GDPR' },
};
