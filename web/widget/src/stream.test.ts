import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Splitter } from './stream';

const WHOLE = 'id: 7\nevent: message.created\ndata: {"text":"è 🫖"}\n\n:\n\nevent: typing\ndata: {"on":true}\n\n';

it('finds the events wherever the network cuts', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: WHOLE.length })), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), WHOLE.length];
      const splitter = new Splitter();
      const events = at.slice(1).flatMap((to, index) => splitter.take(WHOLE.slice(at[index], to)));
      expect(events).toEqual([
        { id: '7', kind: 'message.created', data: '{"text":"è 🫖"}' },
        { id: null, kind: 'typing', data: '{"on":true}' },
      ]);
    }),
  );
});
