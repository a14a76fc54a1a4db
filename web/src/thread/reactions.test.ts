import { expect, test } from 'vitest';
import { marks } from './reactions';

const by = (author_id: string, emoji: string, author_kind = 'member') => ({ author_id, author_kind, emoji });

test('the same emoji is one mark, with or without its picture selector', () => {
  const found = marks([by('con_1', '❤\uFE0F', 'contact'), by('mbr_1', '👍'), by('mbr_2', '❤')], 'mbr_2');
  expect(found.map((mark) => [mark.emoji, mark.by.length, mark.mine])).toEqual([['❤', 2, true], ['👍', 1, false]]);
});

test('only a member with that id is the one who looks', () => {
  expect(marks([by('mbr_1', '👍', 'contact')], 'mbr_1')[0]?.mine).toBe(false);
  expect(marks([], 'mbr_1')).toEqual([]);
});
