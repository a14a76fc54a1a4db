import { expect, test } from 'vitest';
import { draftOf, NOTHING, variablesIn } from './drafts';

test('variables are found once and in order', () => {
  expect(variablesIn('{{1}} {{ 2 }} {{1}} {{name}} {{}} {{a b}}')).toEqual(['1', '2', 'name']);
});

test('what is left empty is left out', () => {
  expect(draftOf({ ...NOTHING, name: ' order_update ', language: 'it', body: ' Salve. ' })).toEqual({ name: 'order_update', language: 'it', category: 'utility', body: 'Salve.', examples: {}, buttons: [] });
});

test('each variable has its example, and those of a text that was changed are gone', () => {
  const written = { ...NOTHING, body: 'Salve {{1}}, ecco.', examples: { 1: ' Anna ', 2: 'x' }, header: 'Ordine {{1}}', headerExample: 'A-1', replies: 'Grazie\n\n No ' };
  expect(draftOf(written)).toMatchObject({ examples: { 1: 'Anna' }, header: { kind: 'text', text: 'Ordine {{1}}', example: 'A-1' }, buttons: [{ kind: 'quick_reply', label: 'Grazie' }, { kind: 'quick_reply', label: 'No' }] });
  expect(draftOf({ ...written, header: 'Ordine' }).header).toEqual({ kind: 'text', text: 'Ordine' });
});
