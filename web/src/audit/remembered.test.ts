import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { remember, remembered } from './remembered';

const ORIGIN = 'parloir/audit/wsp_1';
const CHECKPOINT = { entries: 5, root: 'AAAA', number: 2, at: 7 };
let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', { getItem: (name: string) => stored.get(name) ?? null, setItem: (name: string, value: string) => stored.set(name, value) });
});
afterEach(() => vi.unstubAllGlobals());

test('each log has its own', () => {
  expect(remembered(ORIGIN)).toBeNull();
  remember(ORIGIN, CHECKPOINT);
  remember('parloir/audit/wsp_2', { ...CHECKPOINT, entries: 9 });
  expect(remembered(ORIGIN)).toEqual(CHECKPOINT);
  expect(remembered('parloir/audit/wsp_2')?.entries).toBe(9);
});

test('what cannot be read counts as nothing, and is written anew', () => {
  for (const broken of ['{', 'null', '[]', JSON.stringify({ [ORIGIN]: { entries: 'many' } }), JSON.stringify({ [ORIGIN]: null })]) {
    stored.set('parloir.audit', broken);
    expect(remembered(ORIGIN), broken).toBeNull();
    remember(ORIGIN, CHECKPOINT);
    expect(remembered(ORIGIN), broken).toEqual(CHECKPOINT);
  }
});
