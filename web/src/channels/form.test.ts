import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Setting } from '../api/model';
import { changesOf, hasLook, parted, settingsOf, snippetOf, typedOf, wrongWith } from './form';

const setting = (key: string, type = 'text', more: Partial<Setting> = {}): Setting => ({ key, type, label: key, help: '', secret: false, required: false, generated: false, brought: false, choices: [], ...more });
const CHAT = { settings: [setting('allowed_origins', 'list'), setting('colour', 'colour'), setting('position', 'choice', { choices: ['right', 'left'] }), setting('privacy_url', 'url'), setting('session_secret', 'text', { secret: true, generated: true })] };
const BOT = { settings: [setting('bot_token', 'text', { secret: true, required: true }), setting('hook_secret', 'text', { secret: true, generated: true })] };

test('lists are cleaned line by line and what was left empty is left out', () => {
  const settings = [setting('token'), setting('origins', 'list'), setting('welcome')];
  expect(settingsOf({ settings }, { token: ' abc ', origins: 'https://a.example\n\n https://b.example ', welcome: '  ' })).toEqual({
    token: 'abc',
    origins: 'https://a.example\nhttps://b.example',
  });
});

test.each<[string, string, string | undefined]>([
  ['allowed_origins', 'https://www.example.com\nhttps://*.example.com', undefined],
  ['allowed_origins', 'http://localhost:3000', undefined],
  ['allowed_origins', 'www.example.com', 'origin'],
  ['allowed_origins', 'https://example.com/shop', 'origin'],
  ['allowed_origins', 'https://good.example\njavascript:alert(1)', 'origin'],
  ['colour', '#0b6E4f', undefined],
  ['colour', 'red', 'colour'],
  ['position', 'left', undefined],
  ['position', 'top', 'choice'],
  ['privacy_url', 'https://example.com/privacy', undefined],
  ['privacy_url', 'javascript:alert(1)', 'url'],
  ['privacy_url', 'example.com', 'url'],
])('%s = %s', (key, value, wrong) => {
  expect(wrongWith(CHAT.settings, { [key]: value })[key]).toBe(wrong);
});

test('what must be entered is asked for, and what the platform makes is not', () => {
  expect(wrongWith(BOT.settings, { bot_token: ' ' })).toEqual({ bot_token: 'required' });
  expect(wrongWith(BOT.settings, { bot_token: '1:x' })).toEqual({});
  expect(parted(BOT.settings).later.map((one) => one.key)).toEqual(['hook_secret']);
  expect(parted(CHAT.settings).first.map((one) => one.key)).toEqual(['allowed_origins', 'colour', 'position']);
});

test('only what changed is sent, and what was cleared is taken away', () => {
  const now = { colour: '#112233', allowed_origins: 'https://a.example', privacy_url: 'https://a.example/p' };
  const typed = { ...typedOf(CHAT, now), privacy_url: '', allowed_origins: 'https://a.example\n https://b.example' };
  expect(changesOf(CHAT, now, typed)).toEqual({ privacy_url: null, allowed_origins: 'https://a.example\nhttps://b.example' });
});

test('a form that nobody touched changes nothing, and never a secret', () => {
  fc.assert(fc.property(fc.dictionary(fc.constantFrom('allowed_origins', 'colour', 'position', 'privacy_url'), fc.constantFrom('left', '#aabbcc', 'https://x.example')), (now) => {
    expect(changesOf(CHAT, now, typedOf(CHAT, now))).toEqual({});
  }));
  expect(changesOf(CHAT, {}, { session_secret: 'new' })).toEqual({});
});

test('a chat has a look, a bot has none; the line for websites names the platform and the channel', () => {
  expect([hasLook(CHAT), hasLook(BOT), hasLook(undefined)]).toEqual([true, false, false]);
  expect(snippetOf({ id: 'chn_1', hook_url: 'https://chat.example.org/sub/hooks/chn_1' })).toBe('<script async src="https://chat.example.org/sub/widget.js" data-channel="chn_1"></script>');
});

test('a key with a dot is a key like others', () => {
  const box = { settings: [setting('imap.host', 'text', { required: true }), setting('imap.tls', 'choice', { choices: ['tls', 'none'] }), setting('imap.password', 'text', { secret: true })] };
  expect(typedOf(box, { 'imap.host': 'imap.example.com' })).toEqual({ 'imap.host': 'imap.example.com', 'imap.tls': 'tls', 'imap.password': '' });
  expect(wrongWith(box.settings, { 'imap.tls': 'maybe' })).toEqual({ 'imap.host': 'required', 'imap.tls': 'choice' });
  expect(settingsOf(box, { 'imap.host': ' imap.example.com ', 'imap.password': 'x' })).toEqual({ 'imap.host': 'imap.example.com', 'imap.password': 'x' });
  expect(changesOf(box, { 'imap.host': 'a', 'imap.tls': 'none' }, { 'imap.host': 'b', 'imap.tls': 'none' })).toEqual({ 'imap.host': 'b' });
});
