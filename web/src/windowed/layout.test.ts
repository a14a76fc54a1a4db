import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Layout, type Item } from './layout';

const items = fc.uniqueArray(fc.record({ key: fc.uuid(), guess: fc.integer({ min: 1, max: 300 }) }), { selector: (item) => item.key, minLength: 1, maxLength: 60 });
const laid = (list: readonly Item[]) => {
  const layout = new Layout();
  layout.arrange(list);
  return layout;
};

test('a row covers its own stretch, and the next begins where it ends', () => {
  fc.assert(
    fc.property(items, fc.array(fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 900 })), { maxLength: 40 }), (list, measured) => {
      const layout = laid(list);
      for (const [at, size] of measured) layout.measure(list[at % list.length]?.key as string, size);
      let top = 0;
      for (const [at, item] of list.entries()) {
        expect(layout.top(at)).toBe(top);
        expect(layout.rowAt(top)).toBe(at);
        expect(layout.rowAt(top + layout.size(at) - 1)).toBe(at);
        expect(layout.indexOf(item.key)).toBe(at);
        top += layout.size(at);
      }
      expect(layout.total).toBe(top);
    }),
  );
});

test('what is asked for is covered, and hardly more', () => {
  fc.assert(
    fc.property(items, fc.nat(20_000), fc.nat(2_000), (list, from, height) => {
      const layout = laid(list);
      const [first, last] = layout.between(from, from + height);
      expect(first).toBeLessThan(last);
      if (from < layout.total) expect(layout.top(first)).toBeLessThanOrEqual(from);
      expect(layout.top(last)).toBeGreaterThanOrEqual(Math.min(from + height, layout.total));
      expect(last === 1 || layout.top(last - 1) <= from + height).toBe(true);
    }),
  );
});

test('whatever is loaded above and measured anywhere, the row that was looked at can be held where it was', () => {
  const steps = fc.array(fc.oneof(
    fc.record({ does: fc.constant('load' as const), rows: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 50 }) }),
    fc.record({ does: fc.constant('measure' as const), at: fc.nat(), size: fc.integer({ min: 1, max: 900 }) }),
    fc.record({ does: fc.constant('widen' as const) }),
  ), { maxLength: 30 });
  fc.assert(
    fc.property(items, fc.nat(10_000), steps, (start, looked, does) => {
      const layout = laid(start);
      let list = [...start];
      const height = looked % layout.total;
      const [anchor] = layout.anchors(height, height + 300);
      if (!anchor) throw new Error('There is a row.');
      expect(layout.heightOf(anchor)).toBe(height);
      for (const [step, one] of does.entries()) {
        if (one.does === 'load') layout.arrange((list = [...one.rows.map((guess, at) => ({ key: `${step} ${at}`, guess })), ...list]));
        else if (one.does === 'measure') layout.measure(list[one.at % list.length]?.key as string, one.size);
        else layout.forget();
        // On the screen it begins where it began: the page is scrolled to this height.
        expect((layout.heightOf(anchor) as number) - layout.top(layout.indexOf(anchor.key))).toBe(anchor.offset);
      }
    }),
  );
});

test('what is seen stays where most of it is: rows that leave or jump to the top do not take the rest along', () => {
  const list = ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, guess: 10 }));
  const layout = laid(list);
  const seen = layout.anchors(23, 48);
  expect(seen.map((anchor) => anchor.key)).toEqual(['c', 'd', 'e']);
  const order = (keys: string) => layout.arrange([...keys].map((key) => ({ key, guess: 10 })));
  order('cabdef');
  expect(layout.heightOfMost(seen)).toBe(23);
  order('abdef');
  expect(layout.heightOfMost(seen)).toBe(13);
  order('zyxabcdef');
  expect(layout.heightOfMost(seen)).toBe(53);
  order('abf');
  expect(layout.heightOfMost(seen)).toBeNull();
});

test('what was measured is remembered when rows come and go', () => {
  const layout = laid([{ key: 'a', guess: 10 }, { key: 'b', guess: 10 }]);
  expect(layout.measure('a', 30)).toBe(true);
  expect(layout.measure('a', 30)).toBe(false);
  layout.arrange([{ key: 'z', guess: 5 }, { key: 'a', guess: 10 }, { key: 'b', guess: 10 }]);
  expect([layout.top(2), layout.total]).toEqual([35, 45]);
  expect(layout.heightOf({ key: 'gone', offset: 0 })).toBeNull();
});

test('ten thousand rows are laid out in no time', () => {
  const layout = laid(Array.from({ length: 10_000 }, (_, at) => ({ key: String(at), guess: 40 })));
  const start = performance.now();
  for (let at = 0; at < 100; at += 1) {
    layout.measure(String(9_900 - at), 50);
    layout.between(layout.total - 2_000, layout.total);
  }
  // Far more than it takes, far less than laying everything out a hundred times by searching from the start.
  expect(performance.now() - start).toBeLessThan(250);
});
