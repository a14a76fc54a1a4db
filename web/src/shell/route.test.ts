import { expect, test } from 'vitest';
import { href, inbox, read, settings, type Place } from './route.svelte';

const places: Place[] = [
  inbox('open'),
  { screen: 'inbox', view: 'label:billing / late', conversation: 'cnv_1', message: 'msg_2' },
  inbox('view:viw_1'),
  settings(),
  settings('channels', 'telegram'),
  { screen: 'guide' },
  { screen: 'invitation', token: 'a+b/c=' },
];

test.each(places)('%j comes back from its address', (place) => expect(read(href(place))).toEqual(place));

test('a view is readable in the address', () => expect(href(inbox('team:tea_1'))).toBe('#/inbox/team:tea_1'));

test.each(['', '#', '#/nowhere', '#/inbox/nothing', '#/inbox/team:', '#/invitation', '#/%E0%A4%A'])('%s leads to the inbox', (hash) => expect(read(hash)).toEqual(inbox('open')));

test('an invitation is found under both of its names', () => expect(read('#/invitation/abc')).toEqual(read('#/join/abc')));

test('addresses from before the settings still lead there', () => expect(read('#/channels/telegram')).toEqual(settings('channels', 'telegram')));
