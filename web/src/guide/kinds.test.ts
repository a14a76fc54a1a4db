/** Each kind of channel that there is says in the guide what it takes, and how one writes to it: in every language (`text.test.ts`). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { t, withMore } from '../text/text';

await withMore(Promise.resolve());

const folder = new URL('../../../crates/connect/src/channels', import.meta.url).pathname;
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs')).map((name) => readFileSync(join(folder, name), 'utf8'));
/** As each Spec names its kind. */
const kinds = [...new Set(specs.flatMap((text) => [...text.matchAll(/\bSpec \{\s*kind: "(\w+)"/g)].map((match) => match[1] ?? '')))];

test('the sources are understood', () => {
  expect(kinds).toEqual(expect.arrayContaining(['telegram', 'whatsapp', 'web', 'api', 'email', 'gmail', 'outlook', 'sms_twilio', 'sms_telnyx', 'whatsapp_twilio']));
});

test('every kind has its words', () => {
  expect(kinds.filter((kind) => !t.firstSteps.kinds[kind] || !t.firstSteps.tries[kind])).toEqual([]);
});
