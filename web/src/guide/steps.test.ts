import { expect, test } from 'vitest';
import { nextOf, stepsOf, trial, type Facts } from './steps';

const EMPTY: Facts = { role: 'owner', channels: [], conversations: [], count: 0, members: [{ id: 'mbr_1' }], days: null };
const waiting = { status: 'open', waiting_since: '2026-11-22T10:00:00Z', last_message: { direction: 'incoming' } } as Facts['conversations'][number];
const done = (facts: Partial<Facts>) => stepsOf({ ...EMPTY, ...facts }).filter((one) => one.done).map((one) => one.name);

test('an empty workspace has all of it before it', () => {
  expect(stepsOf(EMPTY).map((one) => one.name)).toEqual(['channel', 'message', 'answer', 'invite', 'hours']);
  expect(done({})).toEqual([]);
  expect(nextOf(stepsOf(EMPTY))).toBe('channel');
});

test('only a channel that works counts', () => {
  expect(done({ channels: [{ state: 'needs_attention', disconnected_at: null }] })).toEqual([]);
  expect(done({ channels: [{ state: 'ready', disconnected_at: '2026-01-01T00:00:00Z' }] })).toEqual([]);
  expect(done({ channels: [{ state: 'ready', disconnected_at: null }] })).toEqual(['channel']);
});

test('a message counts when it is here, an answer when nobody waits', () => {
  expect(done({ conversations: [waiting] })).toEqual(['message']);
  expect(done({ count: 3 })).toEqual(['message']);
  expect(done({ conversations: [{ ...waiting, waiting_since: null }] })).toEqual(['message', 'answer']);
  expect(done({ conversations: [{ ...waiting, last_message: { direction: 'outgoing' } as never }] })).toEqual(['message', 'answer']);
});

test('colleagues and hours', () => {
  expect(done({ members: [{ id: 'mbr_1' }, { id: 'mbr_2' }], days: 5 })).toEqual(['invite', 'hours']);
  expect(done({ days: 0 })).toEqual([]);
});

test('steps that a role may not take are not offered', () => {
  expect(stepsOf({ ...EMPTY, role: 'agent' }).map((one) => one.name)).toEqual(['message', 'answer']);
  expect(stepsOf({ ...EMPTY, role: 'auditor' })).toEqual([]);
  expect(nextOf([])).toBeNull();
});

test('the trial names the hook', () => {
  expect(trial('https://chat.example.org/hooks/chn_1')).toContain('HOOK=https://chat.example.org/hooks/chn_1\n');
});
