import { expect, test, vi } from 'vitest';
import { Notices } from './notices.svelte';

const texts = (notices: Notices) => notices.all.map((notice) => notice.text);

test('what can be taken back stays longer, and can be taken back once', () => {
  vi.useFakeTimers();
  const notices = new Notices();
  const run = vi.fn();
  notices.done('Resolved', { label: 'Undo', run });
  notices.done('Copied');
  vi.advanceTimersByTime(6_000);
  expect(texts(notices)).toEqual(['Resolved']);
  expect(notices.undo()).toBe(true);
  expect(notices.undo()).toBe(false);
  expect(run).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

test('nothing goes while somebody reaches for it', () => {
  vi.useFakeTimers();
  const notices = new Notices();
  notices.done('Copied');
  notices.hold(true);
  vi.advanceTimersByTime(60_000);
  expect(texts(notices)).toEqual(['Copied']);
  notices.hold(false);
  vi.advanceTimersByTime(6_000);
  expect(texts(notices)).toEqual([]);
  vi.useRealTimers();
});

test('only the last few are shown', () => {
  const notices = new Notices();
  for (const text of ['a', 'b', 'c', 'd']) notices.done(text);
  expect(texts(notices)).toEqual(['b', 'c', 'd']);
  for (const { id } of notices.all) notices.dismiss(id);
});
