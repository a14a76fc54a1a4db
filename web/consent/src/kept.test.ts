import { beforeEach, expect, test, vi } from 'vitest';
import { ends, keep, kept, type Choice } from './kept';

const at = Date.UTC(2026, 7, 31, 12);
const choice: Choice = { granted: ['analytics'], version: 'v', purposes: 'p', way: 'choose', signal: false, at, visitor: 'x' };

beforeEach(() => {
  const all = new Map<string, string>();
  vi.stubGlobal('localStorage', { getItem: (key: string) => all.get(key) ?? null, setItem: (key: string, value: string) => void all.set(key, value) });
});

test('six months end on the same day, or on the last there is', () => {
  expect(new Date(ends(Date.UTC(2026, 0, 15, 9))).toISOString()).toBe('2026-07-15T09:00:00.000Z');
  expect(new Date(ends(at)).toISOString()).toBe('2027-02-28T12:00:00.000Z');
  expect(new Date(ends(Date.UTC(2027, 7, 30))).toISOString()).toBe('2028-02-29T00:00:00.000Z');
});

test('a choice counts for six months, for its purposes, and at no other site', () => {
  keep('s', choice);
  expect(kept('s', 'p', ends(at) - 1)).toEqual(choice);
  expect(kept('s', 'p', ends(at))).toBeNull();
  expect(kept('s', 'other', at)).toBeNull();
  expect(kept('other', 'p', at)).toBeNull();
  // A clock that was years ahead when it was kept would keep it for years.
  expect(kept('s', 'p', at - 2 * 86_400_000)).toBeNull();
});

test('what is damaged was never chosen', () => {
  for (const damaged of ['', '{', '7', '"x"', '{}', '{"granted":"all","purposes":"p","at":0}']) {
    localStorage.setItem('parloir.consent:s', damaged);
    expect(kept('s', 'p', at)).toBeNull();
  }
});
