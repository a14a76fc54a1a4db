import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from './sse';

const read = (pieces: string[]) => {
  const reader = new FrameReader();
  return pieces.flatMap((piece) => reader.push(piece));
};

test('an event has its number, its kind and its lines', () => {
  expect(read(['id: 7\nevent: message.created\ndata: {"a":\ndata: 1}\n\n'])).toEqual([
    { id: '7', event: 'message.created', data: '{"a":\n1}' },
  ]);
});

test('comments and blank lines are nothing', () => {
  expect(read([': beat\n\n', '\n', ':\n\n'])).toEqual([]);
});

test('wherever the network cuts the stream, the same events come out', () => {
  const text = '\uFEFFid: 1\r\ndata: one\r\n\r\n: beat\n\nevent: typing\ndata:two 🎉\n\nid: 2\rdata: three\r\rdata: unfinished\n';
  const whole = read([text]);
  expect(whole.map((frame) => frame.data)).toEqual(['one', 'two 🎉', 'three']);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(read(at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(whole);
    }),
  );
});
