import { expect, test } from 'vitest';
import { offersGuide } from './offered';

type Known = Parameters<typeof offersGuide>[0];
const known = (role: string, more: { preferences?: object; channels?: object[]; loaded?: boolean; count?: number | null } = {}) =>
  ({
    session: { me: { member: { role }, preferences: more.preferences ?? {} } },
    channels: { all: more.channels ?? [], loaded: more.loaded ?? true },
    workplace: { counts: more.count === null || more.count === undefined ? null : { all: { count: more.count, unread: 0 } } },
  }) as unknown as Known;
const CHANNEL = { disconnected_at: null };

test.each<[string, Known, boolean]>([
  ['an empty workspace', known('owner'), true],
  ['before the channels are known', known('owner', { loaded: false }), false],
  ['who cannot connect one', known('agent'), false],
  ['who has hidden it', known('owner', { preferences: { guide: 'dismissed' } }), false],
  ['a channel, and no count yet', known('admin', { channels: [CHANNEL] }), false],
  ['a channel without a conversation', known('admin', { channels: [CHANNEL], count: 0 }), true],
  ['a channel with conversations', known('admin', { channels: [CHANNEL], count: 3 }), false],
  ['only channels that are gone', known('admin', { channels: [{ disconnected_at: '2026-01-01T00:00:00Z' }], count: 3 }), true],
])('%s', (_, facts, offered) => {
  expect(offersGuide(facts)).toBe(offered);
});
