/** Search. */
import { count } from './count';

export const search = {
  title: 'Search',
  placeholder: 'Search messages…',
  hint: 'Words from any message, in any conversation.',
  none: (q: string) => `Nothing found for “${q}”`,
  noneHint: 'Whole words are found; try fewer or shorter ones.',
  found: (n: number) => count(n, '# message', '# messages'),
  keys: 'to move',
  keysOpen: 'to open',
  noneNarrowHint: 'Perhaps it is outside of what you narrowed the search to.',
  narrow: 'Narrow the search',
  widen: 'Everything',
  where: 'Where',
  channel: 'Channel',
  anyChannel: 'Any channel',
  label: 'Label',
  anyLabel: 'Any label',
  when: 'When',
  places: { everywhere: 'Everywhere', contact: 'With this contact', conversation: 'In this conversation' },
  ages: { any: 'At any time', day: 'Since yesterday', week: 'In the last week', month: 'In the last month', year: 'In the last year' },
};
