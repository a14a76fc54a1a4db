import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('what is known derives nothing: what Svelte derives is frozen once the component that first asked is gone, and would be for all who come back', () => {
  const root = new URL('..', import.meta.url).pathname;
  const stores = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.svelte.ts'));
  expect(stores.length).toBeGreaterThan(10);
  expect(stores.filter((name) => /=\s*\$derived\b/.test(readFileSync(join(root, name), 'utf8')))).toEqual([]);
});
