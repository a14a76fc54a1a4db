import { beforeEach, expect, it, vi } from 'vitest';
import { Store } from './kept';
import type { Look } from './look';
import { Session, userOf } from './session';
import { Wire } from './wire';

const LOOK: Look = {
  title: '', welcome: '', locale: '', colour: '', position: 'right', avatar: '', pre_chat: [], privacy_url: '', consent: null,
  minimum_age: null, away: false, opens_at: null, challenge: false, text_limit: 100, upload_limit: 100,
};
const jwt = (sub: string) => `x.${btoa(JSON.stringify({ sub }))}.y`;
const asked: unknown[] = [];
let store: Store;
let session: Session;

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    asked.push(JSON.parse(init.body as string));
    return new Response(JSON.stringify({ token: `t${asked.length}`, expires_at: '2999-01-01T00:00:00Z' }), { status: 201 });
  });
  store = new Store('chn_1');
  session = new Session(new Wire('https://chat.example/', 'chn_1'), store, LOOK);
});

it('opens one session however many ask at once, and says no more than was entered', async () => {
  session.entered = { profile: { name: 'Anna' }, consent: 'sha256:1', ofAge: true };
  const [one, other] = await Promise.all([session.open(), session.open()]);
  expect(one).toBe(other);
  expect(asked).toEqual([{ consent: 'sha256:1', of_age: true }]);
  expect((await session.open()).token).toBe('t1');
});

it('never shows somebody the thread of who was signed in before', async () => {
  await session.identify(jwt('anna'));
  await session.open();
  expect(asked).toEqual([{ identity: { jwt: jwt('anna') } }]);
  const later = new Session(session.wire, store, LOOK);
  expect(later.kept, 'until the page says again who is there').toBeNull();
  await later.identify(() => jwt('anna'));
  expect(later.kept?.token).toBe('t1');
  store.set('out:1', { id: '1' });
  expect(await later.identify(null)).toBe(true);
  expect([store.get('session'), store.all('out:')]).toEqual([null, []]);
  expect((await later.open()).user).toBeNull();
});

it('reads whom a proof names, of any letters', () => {
  const claims = btoa(String.fromCharCode(...new TextEncoder().encode('{"sub":"ü-1"}'))).replaceAll('+', '-').replaceAll('/', '_');
  expect([userOf(`a.${claims}.b`), userOf({ identifier: 'u', identifier_hash: '' }), userOf('nonsense')]).toEqual(['ü-1', 'u', '']);
});
