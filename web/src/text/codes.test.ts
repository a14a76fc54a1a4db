/** What the connectors can say, read from their sources: each has words here, and so in every language (`text.test.ts`). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { t, withMore } from './text';

await withMore(Promise.resolve());

const crates = new URL('../../../crates', import.meta.url).pathname;

/** A source without its comments and tests. */
const source = (path: string) =>
  readFileSync(join(crates, path), 'utf8').replace(/#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod \w+ \{[\s\S]*/, '').replace(/^\s*\/\/.*$/gm, '');

const connectors = readdirSync(join(crates, 'connect/src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.rs') && !/(^|\/)tests?(\/|\.rs$)/.test(name))
  .map((name) => source(join('connect/src', name)));
/** The settings that mailboxes have in common. */
const mailboxes = source('connect/src/mail/settings.rs');
/** The settings that Meta's messengers have in common. */
const messengers = source('connect/src/channels/meta/talk/profile.rs');
const gate = source('vault/src/outbox/gate.rs');
const deliver = source('engine/src/deliver.rs');

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

/** A code, and words behind it: of a table of errors, or of a call that refuses. Labels and helps of settings are more than two. */
const SAID = /"([a-z]+(?:_[a-z]+)*)",\s*&?(?:format!\(\s*)?"(?:[^"\\]|\\[\s\S]){16,}\.",?\s*\)/g;
const GIVEN = [SAID, /\brefused\(\s*"([a-z_]+)"/g, /\bcode: "([a-z_]+)"/g, /\("?([a-z_]+_too_long)", "/g, /, "([a-z_]+_too_long)", "/g];

/** The constants that hold what cannot be connected, and the arms that give their words. */
const REASONS = /const REASONS: [\s\S]*?\n\];/g;
const arms = (text: string) => (text.match(/fn reason\([\s\S]*?\n\}/g) ?? []).flatMap((body) => all(body, /"([a-z_]+)" => Some\(/g));
const reasons = connectors.flatMap((text) => [...(text.match(REASONS) ?? []).flatMap((table) => all(table, SAID)), ...arms(text)]);
const refusals = connectors.map((text) => text.replace(REASONS, '')).flatMap((text) => GIVEN.flatMap((pattern) => all(text, pattern)));
const providers = connectors.flatMap((text) => all(text, /refusal::error\(KNOWN, "(\w+)"/g)).map((name) => `${name.toLowerCase()}_refused`);
const unknown = connectors.flatMap((text) => all(text, /"([a-z]+_refused)"/g));
/** What a mail server says later of a mail that it had taken. */
const bounced = connectors.filter((text) => /fn old_fashioned\(|fn is_undelivered_subject\(/.test(text)).flatMap((text) => [...all(text, /=> (?:Some\()?"([a-z]+_[a-z_]+)"/g), ...all(text, /return Some\("([a-z]+_[a-z_]+)"\)/g), ...all(text, /unwrap_or\("([a-z_]+)"\)/g)]);
const platform = [...all(gate, /Self::\w+ => "([a-z_]+)"/g), ...all(gate, /: &str = "([a-z_]+)";/g), ...all(deliver, /\("([a-z_]+)", (?:outbox|")/g)];

/** Refusals that only happen while a channel is connected or its settings are checked; no message meets them. */
const SETUP = [/^(?:not_authorised|another_account|scopes_missing|no_refresh_token)$/, /^(?:client|sign_in|access|sender|watch|profile)_refused$/, /_malformed$/, /^https_needed$/, /^hook_/, /^choice_unknown$/, /^credentials_mismatch$/, /^number_(?:elsewhere|of_another_account)$/, /^(?:profile|alias)_unknown$/, /^app_secret_refused$/, /^deauthorised$/, /^(?:nothing_shared|number_missing|account_not_chosen|number_not_shared|pin_wrong)$/, /^account_(?:deleted|disabled|rejected|disconnected)$/, /^(?:reading|sending)_(?:denied|not_possible)$/];
const ofSetup = (code: string) => !/^template_/.test(code) && SETUP.some((pattern) => pattern.test(code));

const once = (codes: readonly string[]) => [...new Set(codes)].sort();
const failures = once([...refusals, ...bounced, ...providers, ...unknown, ...platform]);

test('the sources are understood', () => {
  const examples = ['undeliverable', 'filtered', 'mms_not_possible', 'chat_not_found', 'row_data_too_long', 'twilio_refused', 'whatsapp_refused', 'meta_refused', 'partly_sent', 'held_elsewhere', 'header_file_wrong', 'file_url_refused', 'unsupported', 'not_accepted'];
  expect(examples.filter((code) => !failures.includes(code))).toEqual([]);
  expect(['deauthorised', 'account_deleted', 'sender_malformed', 'profile_unknown', 'colour_malformed'].filter((code) => !reasons.includes(code))).toEqual([]);
  expect(failures.length).toBeGreaterThan(110);
});

test('every code that a message or a file can fail with has words', () => {
  expect(failures.filter((code) => !ofSetup(code) && !t.state.failures[code])).toEqual([]);
});

test('every reason for which a channel needs attention has words', () => {
  const said = (code: string) => t.setup.reasons[code] ?? t.channels.reasons[code] ?? t.state.failures[code];
  expect(once([...reasons, ...failures]).filter((code) => !said(code))).toEqual([]);
});

test('no words are there for codes that nobody gives', () => {
  const given = new Set([...failures, ...reasons, 'not_supported', 'reauthorise']);
  expect(Object.keys(t.state.failures).filter((code) => !given.has(code))).toEqual([]);
});

test('every setting of every kind has a name and a help', () => {
  const named = connectors.flatMap((text) =>
    [...text.matchAll(/: Spec = Spec \{[\s\S]*?\n\};/g)].flatMap(([spec]) => {
      const kind = all(spec, /^    kind: "(\w+)"/gm)[0] ?? '';
      const listed = spec.match(/\n    fields: [\s\S]*?\n    (?=[a-z_]+: )/)?.[0] ?? '';
      const beside = kind === 'web' ? connectors.join('\n') : /\bsettings::/.test(listed) ? `${text}\n${mailboxes}` : /\btalk::/.test(listed) ? `${text}\n${messengers}` : text;
      return keys(listed.replace(/settings::(\w+)/, '$1,'), beside).map((key) => `${kind}.${key}`);
    }),
  );
  expect(named).toEqual(expect.arrayContaining(['sms_twilio.account_sid', 'whatsapp_twilio.number', 'sms_telnyx.public_key', 'messenger.page_id', 'telegram.bot_token', 'web.title', 'api.webhook_url', 'whatsapp.app_secret', 'instagram.verify_token']));
  expect(named.filter((key) => !t.spec[key])).toEqual([]);
  expect(Object.keys(t.spec).filter((key) => !named.includes(key))).toEqual([]);
});

/** The keys of a list of fields, of which some may be constants beside it. */
function keys(fields: string, beside: string): string[] {
  const own = all(fields, /(?:\b(?:key: |[a-z]+\(\s*))"([\w.]+)"/g);
  const constants = all(fields, /\b([A-Z][A-Z_]+),/g);
  return [...own, ...constants.flatMap((name) => all(beside, new RegExp(`(?:const|static) ${name}: [^=]*=([\\s\\S]*?;)\n`, 'g')).flatMap((value) => keys(value, '')))];
}
